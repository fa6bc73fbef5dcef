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

/** Whether an open pull request works on the issue: one of our branches, or a closing word in its text. */
export function worksOnIssue(pullRequest: PullRequest, profileId: string, issueNumber: number): boolean {
  if (pullRequest.headRef.startsWith(issueBranchPrefix(profileId, issueNumber))) return true;
  for (const match of pullRequest.body.matchAll(closingWords)) if (Number(match[1]) === issueNumber) return true;
  return false;
}
