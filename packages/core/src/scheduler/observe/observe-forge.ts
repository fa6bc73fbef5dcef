import { isInRepository, isOnAgentBranch } from "../../decide/branches.ts";
import { decideReadings } from "../../decide/decide-readings.ts";
import { issueSubject, pullRequestSubject } from "../../decide/subjects.ts";
import { hasLabel } from "../../decide/trust.ts";
import type { HoldReason } from "../../domain/hold-reason.ts";
import type { CandidateIssue, CandidatePullRequest, ForgeView } from "../../domain/snapshot.ts";
import type { Issue, PullRequest } from "../../domain/work-item.ts";
import type { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";
import { observeBase } from "./observe-base.ts";
import { observeBaseChecks } from "./observe-base-checks.ts";
import { observeDependencies } from "./observe-dependencies.ts";
import { readDetails } from "./read-details.ts";

/** Requests spent in one tick on what the lists do not show. */
const readingBudget = 60;

/**
 * The forge as one tick sees it. While nothing changes: a request a page of issues, one for the pull requests, one for
 * the base branch, one for its checks while those of a pull request of ours failed, and every other tick one for the checks
 * of a quiet pull request; all answered 304.
 * Throws `ForgeError`: a view is complete or there is none.
 */
export async function observeForge(
  project: Project,
  live: ReadonlySet<string>,
  asked: number | undefined,
): Promise<{ readonly view: Extract<ForgeView, { kind: "seen" }>; readonly hasOneToSpare: boolean }> {
  const { source, known, policy, clock } = project;
  const isQuietTurn = known.turn % 2 === 1 && asked === undefined;
  const base = await observeBase(project);
  const listed = await source.openIssues(policy.labels.ready);
  const pullRequests = await source.openPullRequests();
  const issues = await withAsked(project, listed, pullRequests, asked);
  const ours = pullRequests.filter((pullRequest) => mayBeManaged(project, pullRequest));
  const readings = decideReadings({
    now: clock.now(),
    policy,
    issues,
    pullRequests: ours,
    issueReadings: known.issues,
    pullRequestReadings: known.pullRequests,
    live: asked === undefined ? live : new Set([...live, issueSubject(asked), pullRequestSubject(asked)]),
    refused: known.refused,
    baseSha: base.sha,
    turn: Math.floor(known.turn / 2),
    looksAtQuiet: isQuietTurn,
    budget: readingBudget,
  });
  known.turn += 1;
  await readDetails(project, readings, base.sha);
  const checks = await observeBaseChecks(project, base, ours);
  const view = {
    kind: "seen" as const,
    base: { ...base, ...checks },
    issues: await candidates(project, issues),
    pullRequests: pullRequests.map((pullRequest): CandidatePullRequest => {
      const reading = known.pullRequests.get(pullRequestSubject(pullRequest.number)) ?? null;
      const isCurrent =
        reading?.reading.headSha === pullRequest.headSha && reading.itemUpdatedAt === pullRequest.updatedAt;
      return { pullRequest, reading: isCurrent ? reading : null };
    }),
  };
  return { view, hasOneToSpare: !isQuietTurn };
}

export const unseen = (error: ForgeError): ForgeView => ({
  kind: "unseen",
  because: holdOf(error),
  detail: error.message,
});

const holdOf = (error: ForgeError): HoldReason =>
  error.failure === "rate-limited"
    ? "forge-rate-limited"
    : error.failure === "unreachable"
      ? "forge-unreachable"
      : "forge-refused";

/** An issue a person asks about is a candidate whatever its labels; a number of a pull request names no issue. */
async function withAsked(
  { source }: Project,
  issues: readonly Issue[],
  pullRequests: readonly PullRequest[],
  asked: number | undefined,
): Promise<readonly Issue[]> {
  if (asked === undefined || issues.some(({ number }) => number === asked)) return issues;
  if (pullRequests.some(({ number }) => number === asked)) return issues;
  const issue = await source.issue(asked);
  return issue.kind === "present" ? [...issues, issue.value] : issues;
}

/** A reading that is older than its item says nothing: the edit that voids an opt-in may be what is new. */
async function candidates(project: Project, issues: readonly Issue[]): Promise<readonly CandidateIssue[]> {
  const dependencies = await observeDependencies(project, issues);
  return issues.map((issue) => {
    const reading = project.known.issues.get(issueSubject(issue.number)) ?? null;
    return { issue, reading: reading?.itemUpdatedAt === issue.updatedAt ? reading : null, dependencies };
  });
}

/** Only these are read in detail: a stranger's pull requests cost nothing. */
function mayBeManaged({ profileId, policy }: Project, pullRequest: PullRequest): boolean {
  const isAsked = hasLabel(pullRequest, policy.labels.handoff) && isInRepository(pullRequest, policy.slug);
  return isAsked || isOnAgentBranch(pullRequest, profileId, policy.slug);
}
