import type { PullRequest } from "../domain/work-item.ts";

/** All branches of a profile's agents. */
export const agentBranchPrefix = (profileId: string): string => `agent/${profileId}/`;

/** Prefix of every branch we make for an issue; what comes after it names the session. */
export const issueBranchPrefix = (profileId: string, number: number): string =>
  `${agentBranchPrefix(profileId)}issue-${number}-`;

/** Whether a branch for an issue is one of this very task's sessions, whose ids begin with the task's. */
export const isBranchOfTask = (headRef: string, profileId: string, number: number, taskId: number): boolean =>
  headRef.startsWith(`${issueBranchPrefix(profileId, number)}s${taskId}-`);

type Head = Pick<PullRequest, "headRef" | "headRepo">;

/** What lies in a fork, or lay in one that is deleted, is anybody's, whatever its branch is named. */
export const isInRepository = ({ headRepo }: Pick<Head, "headRepo">, slug: string): boolean =>
  headRepo?.toLowerCase() === slug.toLowerCase();

/** Whether it is on a branch of the profile's agents; `slug` is our repository as `owner/name`. */
export const isOnAgentBranch = (head: Head, profileId: string, slug: string): boolean =>
  isInRepository(head, slug) && head.headRef.startsWith(agentBranchPrefix(profileId));

/** The issue whose branch of ours it is on. */
export function issueOfBranch(head: Head, profileId: string, slug: string): number | null {
  if (!isOnAgentBranch(head, profileId, slug)) return null;
  const match = /^issue-(\d{1,9})-/.exec(head.headRef.slice(agentBranchPrefix(profileId).length));
  return match ? Number(match[1]) : null;
}
