import type { Usage } from "@agent-control-plane/core";

/**
 * Pure. Of a total over a whole conversation, what is new: each token is counted by one session. A total that is smaller
 * than what was counted before is none: the program began to count anew.
 */
export function usageSince(total: Usage, before: Usage): Usage {
  const counters = ["inputTokens", "cachedInputTokens", "outputTokens", "costUsd"] as const;
  const isTotal = counters.every((name) => (total[name] ?? 0) >= roundedDown(before[name] ?? 0));
  if (!isTotal) return total;
  const since: { -readonly [name in keyof Usage]: Usage[name] } = {};
  for (const name of counters) {
    const count = total[name];
    if (count !== undefined) since[name] = Math.max(0, count - (before[name] ?? 0));
  }
  return since;
}

/** Sums of money in binary fractions are a hair off. */
const roundedDown = (count: number): number => count * (1 - 1e-9);
