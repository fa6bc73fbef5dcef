import type { AskedCall } from "./chat.ts";

/** The very same call with the very same result: told at the third time, given up at the sixth. */
const tellAfter = 3;
const giveUpAfter = 6;
/** How far back is looked: a model that goes round in a circle of a few calls is as lost as one that stands still. */
const lookBack = 24;

export type Repeat = { readonly kind: "new" } | { readonly kind: "told" | "lost"; readonly times: number };

/** Watches the calls of a session for a model that makes no headway. Pure but for its own memory. */
export function createRepeatWatch(): (call: AskedCall, result: string) => Repeat {
  const seen: string[] = [];
  return (call, result) => {
    const signature = `${call.name} ${JSON.stringify(sorted(call.arguments))} ${result}`;
    seen.push(signature);
    if (seen.length > lookBack) seen.shift();
    const times = seen.filter((one) => one === signature).length;
    if (times >= giveUpAfter) return { kind: "lost", times };
    return times >= tellAfter ? { kind: "told", times } : { kind: "new" };
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
