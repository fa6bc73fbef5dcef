import type { Json } from "@agent-control-plane/core";

/** What may be done through the server, by name; the server knows nothing of it but who may. */
export interface Acts {
  readonly names: readonly string[];
  /** `by`: who the records name. Throws only for what nobody expects. */
  perform(name: string, body: Json, by: string): Promise<ActAnswer>;
}

/** `status`: one word of what became of it; `message`: the same in a sentence for people. */
export type ActAnswer =
  | { readonly kind: "done"; readonly status: string; readonly message: string; readonly result: Json }
  | {
      readonly kind: "refused";
      /** The body is not as it should be; what it names is not there; it cannot be done as things are. */
      readonly code: "bad-body" | "not-there" | "refused";
      readonly message: string;
    };

/** As which HTTP status an act that is refused is answered. */
export const refusalStatus = { "bad-body": 400, "not-there": 404, refused: 409 } as const;
