// Codes as people read them. Pure; what is not known is shown as it is.

const laneWords: Readonly<Record<string, string>> = {
  "issue-implementation": "implement",
  "scheduled-check": "scheduled check",
  "blocked-recovery": "recover",
  "pr-review": "review",
  "pr-fix": "fix",
  "pr-merge-repair": "repair merge",
};

export const laneText = (lane: string): string => laneWords[lane] ?? lane;

const writeWords: Readonly<Record<string, string>> = {
  "push-branch": "push",
  "open-pull-request": "open pull request",
  "add-labels": "set labels",
  "remove-labels": "take labels off",
  "rerun-checks": "run checks again",
};

export const writeText = (kind: string): string => writeWords[kind] ?? kind.replaceAll("-", " ");

const publishedWords: Readonly<Record<string, readonly [one: string, many: string]>> = {
  "push-branch": ["push", "pushes"],
  "open-pull-request": ["pull request opened", "pull requests opened"],
  comment: ["comment", "comments"],
  merge: ["merge", "merges"],
  "create-issue": ["issue opened", "issues opened"],
  "close-issue": ["issue closed", "issues closed"],
};

export function publishedText(kind: string, count: number): string {
  const [one, many] = publishedWords[kind] ?? [writeText(kind), writeText(kind)];
  return `${count} ${count === 1 ? one : many}`;
}

const outcomeWords: Readonly<Record<string, string>> = {
  published: "published",
  "needs-human": "needs a person",
  "nothing-to-do": "nothing to do",
  "try-again": "tried again later",
};

export const outcomeText = (outcome: string | null): string =>
  outcome === null ? "not judged" : (outcomeWords[outcome] ?? outcome.replaceAll("-", " "));

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `1st`, `2nd`, `11th`. */
export function ordinalText(place: number): string {
  const isTeen = place % 100 >= 11 && place % 100 <= 13;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending}`;
}
