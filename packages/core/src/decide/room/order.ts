import { isPullRequestLane, pullRequestStages } from "../../domain/lane.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Wanted } from "../../domain/wanted.ts";
import { itemNumberOf } from "../subjects.ts";

/** A piece of work that may start as soon as there is room; `task` is its row, null when it is to be made now. */
export interface Contender {
  readonly wanted: Wanted;
  readonly task: Task | null;
}

/** Whoever waits longer than this goes first, whatever its lane and priority: so nothing starves. */
const overdueMs: Millis = 3_600_000;

/** Reviews that are asked for go ahead of all other work, up to this many a tick. */
const fastReviews = 3;

/**
 * The order in which room is given out: what waited too long; scheduled checks by the time they fell due; a few reviews;
 * one more pull request; recoveries; issues, recurring ones in turn after the others; then the pull requests that are
 * left. Inside each: priority, then age.
 */
export function inOrder(
  contenders: readonly Contender[],
  now: Instant,
  lastRecurring: number | null,
): readonly Contender[] {
  const overdue = contenders.filter((each) => isOverdue(each, now)).sort(byWait);
  const others = contenders.filter((each) => !isOverdue(each, now));
  const ofLane = (lane: string) => others.filter(({ wanted }) => wanted.lane === lane);
  const pulls = others.filter(({ wanted }) => isPullRequestLane(wanted.lane)).sort(byStage);
  const reviews = pulls.filter(({ wanted }) => wanted.stage?.startsWith("double-check")).slice(0, fastReviews);
  const rest = pulls.filter((each) => !reviews.includes(each));
  const issues = ofLane("issue-implementation");
  return [
    ...overdue,
    ...ofLane("scheduled-check").sort(byDueTime),
    ...reviews,
    ...rest.slice(0, 1),
    ...ofLane("blocked-recovery").sort(byDueTime),
    ...issues.filter(({ wanted }) => !wanted.traits.recurring).sort(byPriority),
    ...inTurn(issues.filter(({ wanted }) => wanted.traits.recurring).sort(byNumber), lastRecurring),
    ...rest.slice(1),
  ];
}

/** Since when it could have started, had there been room. */
export const waitingSince = ({ task }: Contender): Instant | null =>
  task === null ? null : Math.max(task.createdAt, task.runAt);

export function isOverdue(contender: Contender, now: Instant): boolean {
  const since = waitingSince(contender);
  return since !== null && now - since >= overdueMs;
}

type Order = (a: Contender, b: Contender) => number;

const numberOf = ({ wanted }: Contender): number => itemNumberOf(wanted.subject) ?? 0;
const byNumber: Order = (a, b) => numberOf(a) - numberOf(b);
const byPriority: Order = (a, b) =>
  b.wanted.priority - a.wanted.priority || a.wanted.createdAt - b.wanted.createdAt || byNumber(a, b);
const byDueTime: Order = (a, b) => (a.wanted.dueAt ?? 0) - (b.wanted.dueAt ?? 0) || byNumber(a, b);
const byWait: Order = (a, b) => (waitingSince(a) ?? 0) - (waitingSince(b) ?? 0) || byNumber(a, b);
const byStage: Order = (a, b) => stageRank(a) - stageRank(b) || byPriority(a, b);

const stageRank = ({ wanted: { stage } }: Contender): number =>
  stage === null ? pullRequestStages.length : pullRequestStages.indexOf(stage);

/** Round and round: the one after the last that was launched comes first. */
function inTurn(sorted: readonly Contender[], last: number | null): readonly Contender[] {
  if (last === null) return sorted;
  const after = sorted.filter((each) => numberOf(each) > last);
  return [...after, ...sorted.filter((each) => numberOf(each) <= last)];
}
