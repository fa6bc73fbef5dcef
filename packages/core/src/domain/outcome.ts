/**
 * What reconcile concluded for a work item. `published`: a change is on its way to the forge. `reported` and
 * `reviewed`: a scheduled check or a review said what it found, and no file changes by it.
 */
export const outcomes = [
  "published",
  "reported",
  "reviewed",
  "nothing-to-do",
  "needs-human",
  "try-again",
  "cancelled",
  "not-started",
] as const;
export type Outcome = (typeof outcomes)[number];
