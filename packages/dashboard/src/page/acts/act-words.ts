/** How an act is called on its button, and what is said before it is done. */
export interface ActWords {
  readonly label: string;
  /** A whole sentence on what will happen. */
  readonly meaning: string;
  /** What a person may add in their own words; null: nothing. */
  readonly asksFor: "reason" | "comment" | null;
}

/** By the name that the server knows it by. */
export const actWords: Readonly<Record<string, ActWords>> = {
  pause: {
    label: "Pause",
    meaning: "Nothing new starts. What runs goes on to its end, checks and publishing included.",
    asksFor: "reason",
  },
  resume: { label: "Resume", meaning: "Work starts again with the next look.", asksFor: null },
  refresh: {
    label: "Look now",
    meaning: "Its runtime looks at GitHub now, in place of at its next tick.",
    asksFor: null,
  },
  "stop-session": {
    label: "Stop",
    meaning: "Its task is cancelled and its processes end. Unsaved work is kept under a rescue ref.",
    asksFor: null,
  },
  "retry-task": { label: "Try again", meaning: "The task is given new attempts.", asksFor: null },
  "retry-write": {
    label: "Try again",
    meaning: "It is looked for on GitHub first, so it is never made twice. What failed with it goes along.",
    asksFor: null,
  },
  approve: {
    label: "Approve",
    meaning:
      "The approval label is set on the item, in the name of the account that this profile acts with, and the work goes out as it is. Look at the change first.",
    asksFor: null,
  },
  decide: {
    label: "Answer",
    meaning: "The flow goes on with this answer. It cannot be taken back.",
    asksFor: "comment",
  },
};
