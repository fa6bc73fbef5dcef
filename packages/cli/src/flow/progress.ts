import { type FlowCounts, flowTaskEnds, flowTaskStates } from "@agent-control-plane/core";

/** Pure. How many tasks are over. */
export const endedOf = (counts: FlowCounts): number => flowTaskEnds.reduce((sum, state) => sum + counts[state], 0);

/** Pure. `3 of 7 tasks are over: 2 succeeded, 1 failed; 1 running, 3 waiting`. */
export function progressInWords(counts: FlowCounts): string {
  const ends: ReadonlySet<string> = new Set(flowTaskEnds);
  const named = (isEnd: boolean) =>
    (isEnd ? flowTaskStates : [...flowTaskStates].reverse())
      .filter((state) => ends.has(state) === isEnd && counts[state] > 0)
      .map((state) => `${counts[state]} ${state}`)
      .join(", ");
  const parts = [named(true), named(false)].filter((part) => part !== "");
  return `${endedOf(counts)} of ${counts.total} tasks are over: ${parts.join("; ")}`;
}
