import * as z from "zod";
import { section, text } from "./schema-fields.ts";

/**
 * `budgets` and `execution.prices`: what may be spent, and what tokens cost where the backend does not say. Part of the
 * one table of keys in schema.ts. 0 switches a limit off. docs/budgets.md has the reasons for the defaults.
 */
const usd = (initial: number) => z.number().nonnegative().max(1_000_000).default(initial);
const tokens = (initial: number) => z.number().int().nonnegative().max(1_000_000_000_000_000).default(initial);

export const budgetsSection = section({
  turn_usd: usd(0),
  turn_tokens: tokens(0),
  run_usd: usd(10),
  run_tokens: tokens(50_000_000),
  item_usd: usd(30),
  item_tokens: tokens(200_000_000),
  day_usd: usd(100),
  day_tokens: tokens(1_000_000_000),
  breaker_usd: usd(20),
  breaker_tokens: tokens(100_000_000),
  breaker_sessions: z.number().int().nonnegative().max(10_000).default(20),
});

/** US dollars for a million tokens. */
const price = z.number().nonnegative().max(1_000_000);

export const pricesKey = z
  .record(text.max(200), z.strictObject({ input: price, cached_input: price.nullable().default(null), output: price }))
  .default({});
