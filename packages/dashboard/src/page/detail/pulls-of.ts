import type { ItemDocument } from "../../documents/index.ts";

/** An issue has one as a rule; another when the first was closed. */
const mostPulls = 3;

/** Pure. The pull requests that were opened for an item, the newest few. */
export function pullsOf({ subject, writes }: Pick<ItemDocument, "subject" | "writes">): readonly string[] {
  const opened = writes.flatMap(({ kind, number }) =>
    kind === "open-pull-request" && number !== null ? [`pr:${number}`] : [],
  );
  return [...new Set(opened)].filter((pull) => pull !== subject).slice(-mostPulls);
}
