import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Issue, PullRequest } from "../../domain/work-item.ts";
import { isOnAgentBranch, issueOfBranch } from "../branches.ts";
import { closedBy } from "../issue/linked-pull-requests.ts";

/** An issue that a merged pull request of ours worked, or says it closes, as it is now. */
export interface LinkedIssue {
  readonly issue: Issue;
  /** The pull request's text says so, still. */
  readonly isClosedByIt: boolean;
  /** Our agents had it before. */
  readonly wasWorked: boolean;
}

/** More than a person would name; the rest is left to people. */
const mostLinked = 10;

/** The issues to look at after a merge, of a pull request on a branch of our agents; of others none. */
export function linkedIssueNumbers(
  pullRequest: PullRequest,
  { profileId, slug }: Pick<SchedulingPolicy, "profileId" | "slug">,
): readonly number[] {
  if (!pullRequest.merged || !isOnAgentBranch(pullRequest, profileId, slug)) return [];
  const worked = issueOfBranch(pullRequest, profileId, slug);
  const closed = closedBy(pullRequest.body).filter((number) => number !== worked);
  return [...new Set([...(worked === null ? [] : [worked]), ...closed])].slice(0, mostLinked);
}
