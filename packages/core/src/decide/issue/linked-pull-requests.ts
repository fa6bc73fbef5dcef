import type { TrustPolicy } from "../../domain/policy.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { issueOfBranch } from "../branches.ts";
import { type Permissions, trustOf } from "../trust.ts";

export interface LinkedPullRequests {
  /** Of each issue, the first open pull request that works on it. */
  readonly linked: ReadonlyMap<number, PullRequest>;
  /** Authors whose permission would tell whether what they name is linked. */
  readonly ask: readonly string[];
}

/**
 * A pull request works on an issue when it is on our branch for it, in our repository, or when somebody with permission
 * says so in it with a closing word. Anyone else may write what they like, in a fork on a branch with our prefix as
 * well: it stops no work. Each text is read once, however many issues there are.
 */
export function linkedPullRequests(
  pullRequests: readonly { readonly pullRequest: PullRequest }[],
  profileId: string,
  /** `owner/name` of our repository. */
  slug: string,
  permissions: Permissions,
  trust: Pick<TrustPolicy, "labels">,
): LinkedPullRequests {
  const linked = new Map<number, PullRequest>();
  const ask = new Set<string>();
  for (const { pullRequest } of pullRequests) {
    const onBranch = issueOfBranch(pullRequest, profileId, slug);
    if (onBranch !== null && !linked.has(onBranch)) linked.set(onBranch, pullRequest);
    const closes = closedBy(pullRequest.body);
    if (closes.length === 0) continue;
    const trusted = trustOf(pullRequest.author, permissions, trust.labels);
    if (trusted === "unknown") ask.add(pullRequest.author);
    if (trusted !== "trusted") continue;
    for (const number of closes) if (!linked.has(number)) linked.set(number, pullRequest);
  }
  return { linked, ask: [...ask] };
}

const closedBy = (body: string): readonly number[] =>
  [...body.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b/gi)].map((match) => Number(match[1]));
