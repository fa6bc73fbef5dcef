import type { FailureReason } from "@agent-control-plane/core";

/** What the program prints, one JSON object a line: the event lines that docs/backends.md describes for any worker. */
export type LoopEvent =
  | { readonly kind: "started"; readonly session: string; readonly model: string }
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "tool-start"; readonly tool: string; readonly id: string; readonly detail: string }
  | {
      readonly kind: "tool-end";
      readonly tool: string;
      readonly id: string;
      readonly ok: boolean;
      readonly duration_ms: number;
    }
  /** Of this process so far, not of the conversation. */
  | { readonly kind: "usage"; readonly input_tokens: number; readonly output_tokens: number }
  | { readonly kind: "error"; readonly message: string; readonly transient: boolean }
  | {
      readonly kind: "result";
      readonly ok: boolean;
      readonly text: string;
      readonly reason?: FailureReason;
      readonly retry_after_seconds?: number;
      readonly retry_at?: string;
    };
