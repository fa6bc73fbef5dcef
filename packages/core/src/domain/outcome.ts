/** What reconcile concluded for a work item. */
export const outcomes = ["published", "nothing-to-do", "needs-human", "try-again", "cancelled", "not-started"] as const;
export type Outcome = (typeof outcomes)[number];
