import type { Json } from "@agent-control-plane/core";

/** Of the result of a row that made an issue: those of its chain so far, its own the last. None in other results. */
export function issueNumbersIn(result: Json): readonly number[] {
  const { number, numbers } = (result ?? {}) as { readonly number?: Json; readonly numbers?: Json };
  const all = Array.isArray(numbers) ? numbers : [number];
  return all.filter((each) => typeof each === "number");
}
