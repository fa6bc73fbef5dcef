import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { CandidateIssue, LaneHistory } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { labelSetBy } from "../trust.ts";
import { type Cadence, dueAt } from "./cadence.ts";
import { freshReading } from "./fresh-reading.ts";
import { type IssuePast, pastOf } from "./issue-past.ts";
import { dueAtIn } from "./issue-payload.ts";

export interface CheckTimes {
  /** Null: it is not due. */
  readonly due: Instant | null;
  readonly next: Instant;
  /** Which of its times was worked last; null: none yet. */
  readonly last: Instant | null;
}

export interface CheckFacts {
  readonly candidate: CandidateIssue;
  readonly policy: Pick<SchedulingPolicy, "labels" | "timeZone">;
  readonly history: readonly LaneHistory[];
  readonly now: Instant;
}

/** What became of its checks. A check is known by the time it was due. */
export const pastChecks = (history: readonly LaneHistory[]): IssuePast => pastOf(history, undefined, isCheck);

export const isCheck = (task: Task): boolean => dueAtIn(task) !== null;

/** When an issue with a schedule comes round. */
export function checkTimes(facts: CheckFacts, cadence: Cadence, { ended, undone }: IssuePast): CheckTimes {
  const last = ended ? dueAtIn(ended) : null;
  const times = dueAt(cadence, {
    lastDueAt: last,
    // A time that was due and not worked is where the times still count from.
    firstSeenAt: (undone && dueAtIn(undone)) ?? optedInAt(facts),
    now: facts.now,
    timeZone: facts.policy.timeZone,
  });
  return { ...times, last };
}

/** A moment that stays the same from tick to tick, so that the first check has one key. */
function optedInAt({ candidate, policy }: CheckFacts): Instant {
  const reading = freshReading(candidate);
  const act = reading && labelSetBy(reading.timeline, policy.labels.ready);
  return act?.at ?? candidate.issue.createdAt;
}
