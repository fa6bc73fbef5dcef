import type { HoldReason } from "../../domain/hold-reason.ts";
import type { Blocker } from "../../domain/reading.ts";
import type { CandidateIssue } from "../../domain/snapshot.ts";
import type { Issue } from "../../domain/work-item.ts";
import { freshReading } from "./fresh-reading.ts";
import { proseLines } from "./prose-lines.ts";

/** Each is a request when it changes; a text may name thousands. The first ones count. */
const maxReferences = 50;

/**
 * The issues its text says it waits for: `Depends-on: #12, #13`, and unchecked items `- [ ] #14` of a task list. Only
 * those of its own repository: of others (`owner/name#5`) nothing is read here.
 */
export function dependencyNumbers(issue: Pick<Issue, "body">): readonly number[] {
  const before = known.get(issue);
  if (before) return before;
  const numbers = numbersIn(issue.body);
  known.set(issue, numbers);
  return numbers;
}

/** Of issues that did not change since the last tick, which are the same objects then: texts are searched once. */
const known = new WeakMap<Pick<Issue, "body">, readonly number[]>();

function numbersIn(body: string): readonly number[] {
  // Most texts have none.
  if (!/\[ \]|depends/i.test(body)) return [];
  const numbers = new Set<number>();
  for (const line of proseLines(body)) {
    for (const number of namedIn(line)) {
      if (numbers.size === maxReferences) return [...numbers];
      numbers.add(number);
    }
  }
  return [...numbers];
}

function namedIn(line: string): readonly number[] {
  const item = /^(?:[-*+]|\d{1,9}[.)])\s+\[ \]\s+#(\d{1,9})\b/.exec(line);
  if (item) return [Number(item[1])];
  const list = /^(?:[-*+]\s+)?depends[- ]on\s*:(.*)$/i.exec(line)?.[1] ?? "";
  return [...list.matchAll(/(?:^|[\s,;(])#(\d{1,9})\b/g)].map((match) => Number(match[1]));
}

/**
 * What it waits for, or null. First what only a person can put right: an issue that was closed without being done does
 * not satisfy, and one that is gone will never be closed.
 */
export function judgeDependencies(candidate: CandidateIssue): { because: HoldReason; detail: string } | null {
  const { issue, dependencies } = candidate;
  const reading = freshReading(candidate);
  const named = dependencyNumbers(issue);
  const blockers = reading?.blockers ?? [];
  const notPlanned = [
    ...named.filter((each) => dependencies.get(each) === "not-planned").map(reference),
    ...blockers.filter(isGivenUp).map(nameOf),
  ];
  const gone = named.filter((each) => dependencies.get(each) === "gone").map(reference);
  if (notPlanned.length > 0) return hold("dependency-not-planned", `${listed(notPlanned)} was closed as not planned`);
  if (gone.length > 0) return hold("dependency-not-planned", `${listed(gone)} does not exist any more`);
  if (!reading) return hold("details-unread", "what blocks it was not read in its present state yet");
  const unread = named.filter((each) => !dependencies.has(each)).map(reference);
  if (unread.length > 0) return hold("details-unread", `${listed(unread)}, which it waits for, was not read yet`);
  const open = [
    ...named.filter((each) => dependencies.get(each) === "open").map(reference),
    ...blockers.filter(({ state }) => state === "open").map(nameOf),
  ];
  if (open.length > 0) return hold("depends-on", listed(open));
  // In a repository we cannot see, or added since: the forge counts it and does not name it.
  if (issue.blockedBy.open > 0)
    return hold("depends-on", `${issue.blockedBy.open} open, which the forge does not name`);
  const { completed, total } = issue.subIssues;
  return total > completed ? hold("sub-issues-open", `${total - completed} of ${total}`) : null;
}

/** Closed long ago, an issue has no reason: then it was done. */
const isGivenUp = ({ state, stateReason }: Blocker): boolean =>
  state === "closed" && (stateReason === "not-planned" || stateReason === "duplicate");

const reference = (number: number): string => `#${number}`;
const nameOf = ({ number, repo }: Blocker): string => `${repo ?? ""}#${number}`;

/** A line for people names a few. */
function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  return unique.length <= 5 ? unique.join(", ") : `${unique.slice(0, 5).join(", ")} and ${unique.length - 5} more`;
}

const hold = (because: HoldReason, detail: string) => ({ because, detail });
