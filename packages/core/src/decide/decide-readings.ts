import type { SchedulingPolicy } from "../domain/policy.ts";
import type { IssueReading, PullRequestPart, PullRequestReading, StoredReading } from "../domain/reading.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import { priorityOf } from "./issue/work-class.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";
import { hasLabel } from "./trust.ts";

/** One look at what a list does not show of an item. `part` as in `WorkSource.readPullRequest`. */
export type Reading =
  | { readonly kind: "issue"; readonly subject: string; readonly issue: Issue }
  | {
      readonly kind: "pull-request";
      readonly subject: string;
      readonly pullRequest: PullRequest;
      readonly part: PullRequestPart;
    };

export interface ReadingFacts {
  readonly now: Instant;
  readonly policy: Pick<SchedulingPolicy, "labels" | "priorities">;
  readonly issues: readonly Issue[];
  /** Those we may work on; others are never read. */
  readonly pullRequests: readonly PullRequest[];
  readonly issueReadings: ReadonlyMap<string, StoredReading<IssueReading>>;
  readonly pullRequestReadings: ReadonlyMap<string, StoredReading<PullRequestReading>>;
  /** Subjects with a live task, and what a person asks about: what is known of them must not be old. */
  readonly live: ReadonlySet<string>;
  /** By subject: readings the forge refused, of the item as it was then. */
  readonly refused: ReadonlyMap<string, RefusedReading>;
  readonly baseSha: string;
  /** Counts ticks: it is the turn of other items that are read again and again. */
  readonly turn: number;
  /** Whether one pull request whose checks had finished is looked at again now. */
  readonly looksAtQuiet: boolean;
  /** Requests this tick may spend; the rest waits for the next ones. */
  readonly budget: number;
}

export interface RefusedReading {
  readonly itemUpdatedAt: Instant;
  readonly at: Instant;
}

/** What was refused is not asked for again at once: it would cost the same each tick and keep others from being read. */
const refusedRestMs: Millis = 600_000;

/**
 * What is to be read now: only what changed since it was read, what is still moving by itself (checks, mergeability),
 * and one pull request in turn whose checks had finished, because somebody may have had them run again. While nothing
 * changes that is one request, or none without pull requests.
 *
 * When there is more than the budget allows, what would start next comes first: a launch waits for its own reading and
 * for no other.
 */
export function decideReadings(facts: ReadingFacts): readonly Reading[] {
  const pulls = facts.pullRequests.flatMap((pullRequest): readonly Reading[] => {
    const subject = pullRequestSubject(pullRequest.number);
    const part = partToRead(pullRequest, facts.pullRequestReadings.get(subject), facts.baseSha);
    return part === null ? [] : [{ kind: "pull-request", subject, pullRequest, part }];
  });
  const issues = facts.issues.flatMap((issue): readonly Reading[] => {
    const subject = issueSubject(issue.number);
    return isKnown(issue, facts.issueReadings.get(subject)) ? [] : [{ kind: "issue", subject, issue }];
  });
  const goesOn = (reading: Reading) => !isResting(facts, reading);
  const wanted = mostUrgentFirst(facts, pulls.filter(goesOn), issues.filter(goesOn));
  return [...withinBudget(wanted, facts.budget), ...oneInTurn(facts)];
}

function partToRead(
  pullRequest: PullRequest,
  stored: StoredReading<PullRequestReading> | undefined,
  baseSha: string,
): PullRequestPart | null {
  if (!stored || !isKnown(pullRequest, stored) || stored.reading.headSha !== pullRequest.headSha) return "all";
  const { checks, mergeState, baseRef } = stored.reading;
  if (baseRef !== undefined && baseRef !== pullRequest.baseRef) return "all";
  const arePending = checks.some(({ state }) => state === "pending");
  // What checks make of mergeability is asked once, when all have finished: their ways there cost nothing.
  if (stored.isMergeStateOld && !arePending) return "merge-state-anew";
  // One of the two a tick: a pull request that waits for its checks costs one request.
  if (mergeState === "unknown" || stored.baseSha !== baseSha) return "merge-state";
  return arePending ? "checks" : null;
}

const isKnown = (item: { readonly updatedAt: number }, stored: StoredReading<unknown> | undefined): boolean =>
  stored !== undefined && stored.itemUpdatedAt === item.updatedAt && stored.isSettled;

function isResting({ refused, live, now }: ReadingFacts, reading: Reading): boolean {
  const last = refused.get(reading.subject);
  if (!last || live.has(reading.subject) || last.itemUpdatedAt !== itemOf(reading).updatedAt) return false;
  return Math.abs(now - last.at) < refusedRestMs;
}

/** Issues and pull requests take turns, so that a flood of one kind does not keep the other from starting. */
function mostUrgentFirst(
  facts: ReadingFacts,
  pulls: readonly Reading[],
  issues: readonly Reading[],
): readonly Reading[] {
  const byUrgency = urgencyOf(facts);
  const whole = pulls.filter((reading) => costOf(reading) > 1).sort(byUrgency);
  // What moves is asked about every tick: with more of it than the budget, a fixed order would never get to the last.
  const moving = inTurn(
    pulls.filter((reading) => costOf(reading) === 1),
    facts.turn * facts.budget,
  );
  const all = [...alternating(whole, [...issues].sort(byUrgency)), ...moving];
  const isLive = ({ subject }: Reading) => facts.live.has(subject);
  return [...all.filter(isLive), ...all.filter((reading) => !isLive(reading))];
}

/** As room is given out: what a label holds last, then by priority, then the oldest. */
function urgencyOf({ policy }: ReadingFacts): (a: Reading, b: Reading) => number {
  const { hold, blocked } = policy.labels;
  const ranks = new Map<Reading, readonly number[]>();
  const rankOf = (reading: Reading): readonly number[] => {
    const item = itemOf(reading);
    const isHeld = hasLabel(item, hold) || hasLabel(item, blocked);
    const rank = ranks.get(reading) ?? [Number(isHeld), -priorityOf(item.labels, policy), item.createdAt, item.number];
    ranks.set(reading, rank);
    return rank;
  };
  return (a, b) => {
    const other = rankOf(b);
    return rankOf(a).reduce((order, own, index) => order || own - (other[index] ?? 0), 0);
  };
}

const itemOf = (reading: Reading): Issue | PullRequest =>
  reading.kind === "issue" ? reading.issue : reading.pullRequest;

function alternating<T>(some: readonly T[], others: readonly T[]): readonly T[] {
  const longest = Math.max(some.length, others.length);
  return Array.from({ length: longest }, (_, index) => [some[index], others[index]])
    .flat()
    .filter((each) => each !== undefined);
}

function inTurn<T>(all: readonly T[], from: number): readonly T[] {
  const first = all.length === 0 ? 0 : from % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** Requests, as `WorkSource` says; blockers are asked for only where the list says that there are some. */
function costOf(reading: Reading): number {
  if (reading.kind === "issue") return reading.issue.blockedBy.total > 0 ? 3 : 2;
  return reading.part === "all" ? 5 : 1;
}

function withinBudget(wanted: readonly Reading[], budget: number): readonly Reading[] {
  let spent = 0;
  return wanted.filter((reading, index) => {
    spent += costOf(reading);
    // The first one is always read, however small the budget: or it would never be.
    return index === 0 || spent <= budget;
  });
}

function oneInTurn(facts: ReadingFacts): readonly Reading[] {
  if (!facts.looksAtQuiet) return [];
  const quiet = facts.pullRequests.filter((pullRequest) => {
    const stored = facts.pullRequestReadings.get(pullRequestSubject(pullRequest.number));
    return partToRead(pullRequest, stored, facts.baseSha) === null;
  });
  const [pullRequest] = inTurn(quiet, facts.turn);
  if (!pullRequest) return [];
  // Check runs and statuses are two lists; each round over all pull requests looks at one of them.
  const part = Math.floor(facts.turn / quiet.length) % 2 === 0 ? "check-runs" : "statuses";
  return [{ kind: "pull-request", subject: pullRequestSubject(pullRequest.number), pullRequest, part }];
}
