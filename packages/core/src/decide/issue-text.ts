import type { PullRequest } from "../domain/work-item.ts";

/** `issue:12`, the name of a work item in the store. */
export const issueSubject = (number: number): string => `issue:${number}`;

export function issueNumberOf(subject: string): number | null {
  const match = /^issue:(\d+)$/.exec(subject);
  return match ? Number(match[1]) : null;
}

/** Prefix of every branch we make for an issue; what comes after it names the session. */
export const issueBranchPrefix = (profileId: string, number: number): string => `agent/${profileId}/issue-${number}-`;

/** All branches of a profile's agents. */
export const agentBranchPrefix = (profileId: string): string => `agent/${profileId}/`;

const closingWords = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)\b/gi;

/**
 * Of each issue, the first open pull request that works on it: on one of our branches, or with a closing word in its
 * text. Each text is read once, however many issues there are.
 */
export function linkedPullRequests(
  pullRequests: readonly PullRequest[],
  profileId: string,
): ReadonlyMap<number, PullRequest> {
  const linked = new Map<number, PullRequest>();
  for (const pullRequest of pullRequests) {
    for (const number of issuesOf(pullRequest, profileId)) {
      if (!linked.has(number)) linked.set(number, pullRequest);
    }
  }
  return linked;
}

function issuesOf({ headRef, body }: PullRequest, profileId: string): readonly number[] {
  const prefix = agentBranchPrefix(profileId);
  const ours = headRef.startsWith(prefix) ? /^issue-(\d+)-/.exec(headRef.slice(prefix.length)) : null;
  return [...(ours ? [ours] : []), ...body.matchAll(closingWords)].map((match) => Number(match[1]));
}
