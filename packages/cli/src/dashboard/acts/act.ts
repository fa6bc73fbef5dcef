import type { Json } from "@agent-control-plane/core";
import * as z from "zod";
import type { CliContext } from "../../context.ts";

/** What became of an act: a word for programs, a sentence for people, and what the command of this name prints as JSON. */
export interface Done {
  readonly status: string;
  readonly message: string;
  readonly result: Json;
}

/** One act of the page. It is the function behind a command and nothing beside it (docs/decisions/0029). */
export interface Act {
  /** Everything that is wrong with the body; null: nothing. */
  problemsOf(body: unknown): readonly string[] | null;
  /** Throws `UserError` as the command does. */
  perform(context: CliContext, body: unknown, by: string): Promise<Done>;
}

/** An act whose body has these fields and no others. */
export const actOf = <T extends z.ZodRawShape>(
  shape: T,
  perform: (context: CliContext, body: z.output<z.ZodObject<T>>, by: string) => Promise<Done>,
): Act => {
  const schema = z.strictObject(shape);
  return {
    problemsOf(body) {
      const parsed = schema.safeParse(body);
      return parsed.success ? null : parsed.error.issues.map(inWords);
    },
    perform: (context, body, by) => perform(context, schema.parse(body) as z.output<z.ZodObject<T>>, by),
  };
};

const inWords = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.join(".")}: ${message}`;

/** Documents are JSON; their interfaces lack the index signature only. */
export const asJson = (document: object): Json => document as Json;
