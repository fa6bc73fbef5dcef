import type { SchedulingPolicy } from "../domain/policy.ts";
import type { BaseView, BrokenBaseItem, Snapshot } from "../domain/snapshot.ts";
import { issueOfBranch } from "./branches.ts";
import type { Effect } from "./effect.ts";
import type { Judged } from "./judge-candidates.ts";

/**
 * One issue for all that waits for a broken base: made when something waits for it, followed from head to head, and
 * closed when the base is green again or somebody has closed it.
 */
export function decideBrokenBase({ forge, policy }: Snapshot, judged: readonly Judged[]): readonly Effect[] {
  if (forge.kind === "unseen") return [];
  const { base } = forge;
  const { branch, sha, item } = base;
  const subject = baseSubject(branch);
  const isBroken = base.verdict === "broken" || judged.some(waitsForBaseChecks);
  if (item === undefined || item.closedAt !== null) {
    if (!isBroken || policy.pullRequests.baseBroken === "hold" || isSettled(base)) return [];
    const cause = base.verdict === "broken" ? "verification" : "checks";
    const episode = (item?.episode ?? 0) + 1;
    return [{ kind: "open-base-item", subject, base: { branch, sha, episode }, cause, failing: base.failing ?? [] }];
  }
  const at = { branch, sha, episode: item.episode };
  if (item.issueState === "closed") return [{ kind: "close-base-item", subject, base: at, issue: null }];
  if (isBroken || base.checks === "failed") {
    return item.sha === sha ? [] : [{ kind: "move-base-item", subject, base: at }];
  }
  if (!isGreen(base, item)) return [];
  // Whether its issue is made is not known while it is on its way.
  if (item.issue === null) return item.isRefused ? [{ kind: "close-base-item", subject, base: at, issue: null }] : [];
  return [{ kind: "close-base-item", subject, base: at, issue: item.issue }];
}

/** The name of a base branch in the store, beside those of work items. */
export const baseSubject = (branch: string): string => `base:${branch}`;

/** The issue that stands for the broken base, while it does; null: there is none, or none yet. */
export const baseIssue = ({ item }: Pick<BaseView, "item">): number | null =>
  item !== undefined && item.closedAt === null ? item.issue : null;

/** For holds: what to look at. */
export const waitsForIssue = (base: Pick<BaseView, "item">): string => {
  const number = baseIssue(base);
  return number === null ? "" : `waits for #${number}`;
};

/** A pull request of ours that mends the base does not wait for it. */
export const mendsBase = (
  head: Parameters<typeof issueOfBranch>[0],
  base: Pick<BaseView, "item">,
  { profileId, slug }: Pick<SchedulingPolicy, "profileId" | "slug">,
): boolean => {
  const number = baseIssue(base);
  return number !== null && issueOfBranch(head, profileId, slug) === number;
};

const waitsForBaseChecks = ({ verdict }: Judged): boolean =>
  verdict.kind === "hold" && verdict.because === "base-checks-broken";

/** Somebody closed its issue at this very head: they know, and are not told again before it moves. */
const isSettled = ({ item, sha }: BaseView): boolean => item?.sha === sha;

/** Known to be, by what it was broken by: nothing that is not known counts. */
function isGreen({ verdict, sha, checks }: BaseView, item: BrokenBaseItem): boolean {
  if (item.cause === "checks") return checks === "passed";
  return item.sha !== sha && (verdict === "passed" || item.greenSha !== null);
}
