import type { IssueReading, PullRequestReading, StoredReading } from "../domain/reading.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";

/** One look at what a list does not show of an item. `part` as in `WorkSource.readPullRequest`. */
export type Reading =
  | { readonly kind: "issue"; readonly subject: string; readonly issue: Issue }
  | {
      readonly kind: "pull-request";
      readonly subject: string;
      readonly pullRequest: PullRequest;
      readonly part: "all" | "checks" | "merge-state";
    };

export interface ReadingFacts {
  readonly issues: readonly Issue[];
  /** Those we may work on; others are never read. */
  readonly pullRequests: readonly PullRequest[];
  readonly issueReadings: ReadonlyMap<string, StoredReading<IssueReading>>;
  readonly pullRequestReadings: ReadonlyMap<string, StoredReading<PullRequestReading>>;
  /** Subjects with a live task: what is known of them must not be old. */
  readonly live: ReadonlySet<string>;
  readonly baseSha: string;
  /** Counts ticks: which finished checks are looked at again now. */
  readonly turn: number;
  /** Requests this tick may spend; the rest waits for the next ones. */
  readonly budget: number;
}

const costs = { issue: 3, all: 5, checks: 1, "merge-state": 1 } as const;

/**
 * What is to be read now, most urgent first: only what changed since it was read, what is still moving by itself (checks,
 * mergeability), and one pull request in turn whose checks had finished, because somebody may have had them run again.
 * While nothing changes that is one request a tick, or none without pull requests.
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
  const wanted = [...pulls, ...issues].sort(
    (a, b) => Number(facts.live.has(b.subject)) - Number(facts.live.has(a.subject)),
  );
  return [...withinBudget(wanted, facts.budget), ...oneInTurn(facts)];
}

function partToRead(
  pullRequest: PullRequest,
  stored: StoredReading<PullRequestReading> | undefined,
  baseSha: string,
): "all" | "checks" | "merge-state" | null {
  if (!stored || !isKnown(pullRequest, stored) || stored.reading.headSha !== pullRequest.headSha) return "all";
  const { checks, mergeState } = stored.reading;
  // One of the two a tick: a pull request that waits for its checks costs one request.
  if (mergeState === "unknown" || stored.baseSha !== baseSha) return "merge-state";
  return checks.some(({ state }) => state === "pending") ? "checks" : null;
}

const isKnown = (item: { readonly updatedAt: number }, stored: StoredReading<unknown> | undefined): boolean =>
  stored !== undefined && stored.itemUpdatedAt === item.updatedAt && stored.isSettled;

function withinBudget(wanted: readonly Reading[], budget: number): readonly Reading[] {
  let spent = 0;
  return wanted.filter((reading, index) => {
    spent += reading.kind === "issue" ? costs.issue : costs[reading.part];
    // The first one is always read, however small the budget: or it would never be.
    return index === 0 || spent <= budget;
  });
}

function oneInTurn(facts: ReadingFacts): readonly Reading[] {
  const quiet = facts.pullRequests.filter((pullRequest) => {
    const stored = facts.pullRequestReadings.get(pullRequestSubject(pullRequest.number));
    return partToRead(pullRequest, stored, facts.baseSha) === null;
  });
  const pullRequest = quiet[facts.turn % Math.max(1, quiet.length)];
  if (!pullRequest) return [];
  return [{ kind: "pull-request", subject: pullRequestSubject(pullRequest.number), pullRequest, part: "checks" }];
}
