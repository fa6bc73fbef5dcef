import type { TrustPolicy } from "../../domain/policy.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { isOnAgentBranch, issueOfBranch } from "../branches.ts";
import { type Permissions, trustOf } from "../trust.ts";

type Pulls = readonly { readonly pullRequest: PullRequest }[];

/**
 * Of each issue, the first open pull request that works on it. A pull request works on an issue when it is on our branch for it, in our repository, or when somebody with permission
 * says so in it with a closing word. Anyone else may write what they like, in a fork on a branch with our prefix as
 * well: it stops no work. Each text is read once, however many issues there are.
 */
export function linkedPullRequests(
  pullRequests: Pulls,
  profileId: string,
  /** `owner/name` of our repository. */
  slug: string,
  permissions: Permissions,
  trust: Pick<TrustPolicy, "labels">,
): ReadonlyMap<number, PullRequest> {
  const linked = new Map<number, PullRequest>();
  for (const { pullRequest } of pullRequests) {
    const onBranch = issueOfBranch(pullRequest, profileId, slug);
    if (onBranch !== null && !linked.has(onBranch)) linked.set(onBranch, pullRequest);
    const closes = closedBy(pullRequest.body);
    if (closes.length === 0) continue;
    if (trustOf(pullRequest.author, permissions, trust.labels) !== "trusted") continue;
    for (const number of closes) if (!linked.has(number)) linked.set(number, pullRequest);
  }
  return linked;
}

/** Whose permission tells whether they work on one of these issues: authors of what is not on a branch of ours. */
export function closersOf(
  pullRequests: Pulls,
  issues: ReadonlySet<number>,
  profileId: string,
  slug: string,
): readonly string[] {
  return pullRequests.flatMap(({ pullRequest }) => {
    if (isOnAgentBranch(pullRequest, profileId, slug)) return [];
    return closedBy(pullRequest.body).some((number) => issues.has(number)) ? [pullRequest.author] : [];
  });
}

/** Numbers after a closing word of the forge. */
export const closedBy = (body: string): readonly number[] =>
  [...body.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b/gi)].map((match) => Number(match[1]));
