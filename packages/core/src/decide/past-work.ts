import { fieldsOf } from "../domain/fields.ts";
import { isPullRequestLane } from "../domain/lane.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import { noLedgers, type ReviewLedger, type ReviewLedgers } from "../domain/review.ts";
import { ledgersOf } from "../domain/review-shapes.ts";
import type { LaneHistory, Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import type { CiRepair } from "../domain/wanted.ts";

/** Where the last attempt of an issue's newest dead letter started from. */
export function startShaOf(past: readonly LaneHistory[]): string | null {
  if (past.length === 0) return null;
  const dead = newestOf(past.map(({ newest }) => newest).filter(({ state }) => state === "dead"));
  return dead ? textIn(dead.result, "startSha") : null;
}

/**
 * Repairs in a row of a pull request, without a person's push in between: each one carries its number, and the row is
 * unbroken as long as the head is the one that the last of them left.
 */
export function repairRounds(past: readonly LaneHistory[], headSha: string): number {
  const last = lastRepair(past, headSha);
  return last ? numberIn(last.payload, "round") : 0;
}

/** What the repairs of that row were to mend: each carries all of it on, whatever the checks said in between. */
export function ciRepairs(past: readonly LaneHistory[], headSha: string): readonly CiRepair[] {
  const last = lastRepair(past, headSha);
  return (last && pullRequestPayloadOf(last)?.ciRepairs) ?? [];
}

function lastRepair(past: readonly LaneHistory[], headSha: string): Task | null {
  const repairs = past.filter(({ lane }) => isPullRequestLane(lane) && lane !== "pr-review");
  const last = newestOf(repairs.map(({ newest }) => newest));
  if (!last) return null;
  const heads = [textIn(last.result, "headSha"), textIn(last.payload, "headSha")];
  return heads.includes(headSha) ? last : null;
}

/**
 * What our reviewers have said of a pull request by now, from its newest review: from its result when it came to a
 * verdict, else from what it was given. Each review carries all of it on, so nothing else has to be kept or read.
 *
 * Findings hold whatever the base; that a head was looked at holds only for the base it was looked at against.
 */
export function reviewLedgers(past: readonly LaneHistory[], baseRef: string): ReviewLedgers {
  const newest = past.find(({ lane }) => lane === "pr-review")?.newest;
  if (!newest) return noLedgers;
  const given = fieldsOf(newest.payload).review;
  const ledgers = ledgersOf(fieldsOf(newest.result).ledgers) ?? ledgersOf(fieldsOf(given).ledgers) ?? noLedgers;
  if ((textIn(newest.payload, "baseRef") ?? baseRef) === baseRef) return ledgers;
  const unseen = (ledger: ReviewLedger | null) => ledger && { ...ledger, headSha: "" };
  return { first: unseen(ledgers.first), second: unseen(ledgers.second) };
}

const newestOf = (tasks: readonly Task[]): Task | undefined => tasks.toSorted((a, b) => b.id - a.id)[0];

function textIn(value: Task["result"], name: string): string | null {
  const found = fieldsOf(value)[name];
  return typeof found === "string" ? found : null;
}

function numberIn(value: Task["result"], name: string): number {
  const found = fieldsOf(value)[name];
  return typeof found === "number" ? found : 0;
}

/** Work that is done and waits for a person's approval. */
export interface Asked {
  readonly taskId: number;
  /** What is to be approved, and how. */
  readonly detail: string;
}

/** What people are asked about an item. */
export function askedOf({ unsent, awaiting, policy }: Snapshot, subject: string): Asked | null {
  if (awaiting.size === 0) return null;
  const task = unsent.find((each) => each.subject === subject && awaiting.has(each.id));
  if (!task) return null;
  const found = fieldIn(task.result, "approval");
  const words = Array.isArray(found) ? found.filter((each) => typeof each === "string").slice(0, 5) : [];
  return { taskId: task.id, detail: `task ${task.id}, label ${policy.labels.humanApproved}: ${words.join("; ")}` };
}

export const fieldIn = (value: Task["result"], name: string): unknown => fieldsOf(value)[name];
