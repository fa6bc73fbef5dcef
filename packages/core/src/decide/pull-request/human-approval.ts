import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Timeline, TimelineReview } from "../../domain/reading.ts";
import type { CandidatePullRequest } from "../../domain/snapshot.ts";
import type { Instant } from "../../domain/time.ts";
import { hasLabel, labelSetBy, type Permissions, trustOf } from "../trust.ts";

/** `void`: somebody meant to approve, and it does not count. `unknown`: it may count, once more is known. */
export type Approval =
  | { readonly kind: "none" }
  | { readonly kind: "approved"; readonly by: string; readonly how: "label" | "review" }
  | { readonly kind: "void"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

type ApprovalPolicy = Pick<SchedulingPolicy, "labels" | "trust">;

/**
 * Whether a person approved the present head: by the label, set by somebody who may and after this head was there, or
 * by a review of this very head. A new head voids both, and so does another base; nobody has to take the label off.
 *
 * The timeline's order alone does not tell that the head was there: commits stand in it by the time written in them,
 * which whoever makes a commit is free to choose. So the label must also not be older than our first sight of this
 * head, by the forge's clock (`headSeenAt`). Reviews by ourselves (`selfLogin`) are no person's; a label of the same
 * account is, since we never set this one.
 */
export function approvalOf(
  candidate: CandidatePullRequest,
  policy: ApprovalPolicy,
  permissions: Permissions,
  headSeenAt: Instant | null,
  selfLogin: string | null = null,
): Approval {
  const { pullRequest, reading } = candidate;
  if (!reading || reading.reading.headSha !== pullRequest.headSha) {
    return { kind: "unknown", because: "this head was not read yet" };
  }
  const { timeline } = reading.reading;
  const of = { headSha: pullRequest.headSha, since: reading.reading.baseSeenAt ?? Number.NEGATIVE_INFINITY };
  const byReview = reviewApproval(timeline, of, policy, permissions, selfLogin);
  if (byReview.kind === "approved") return byReview;
  const byLabel = hasLabel(pullRequest, policy.labels.humanApproved)
    ? labelApproval(timeline, policy, permissions, headSeenAt)
    : ({ kind: "none" } as const);
  return byLabel.kind === "none" ? byReview : byLabel;
}

function labelApproval(
  timeline: Timeline,
  { labels, trust }: ApprovalPolicy,
  permissions: Permissions,
  headSeenAt: Instant | null,
): Approval {
  const label = labels.humanApproved;
  const act = labelSetBy(timeline, label);
  if (!act) return { kind: "unknown", because: `the timeline does not show who set ${label}` };
  const trusted = trustOf(act.actor, permissions, trust.labels);
  if (trusted === "untrusted") return { kind: "void", because: `${act.actor}, who set ${label}, may not approve` };
  if (act.order < lastPushOrder(timeline)) return { kind: "void", because: `pushed to after ${label} was set` };
  if (headSeenAt === null) return { kind: "unknown", because: "when this head came is not known" };
  if (act.at < headSeenAt)
    return { kind: "void", because: `${label} was set before this head, onto this base, was there` };
  if (trusted === "unknown") return { kind: "unknown", because: `what ${act.actor} may do was not asked yet` };
  return { kind: "approved", by: act.actor, how: "label" };
}

function reviewApproval(
  timeline: Timeline,
  { headSha, since }: { readonly headSha: string; readonly since: Instant },
  { trust }: ApprovalPolicy,
  permissions: Permissions,
  selfLogin: string | null,
): Approval {
  const ofHead = standingReviews(timeline, selfLogin).filter(
    (review) => review.state === "approved" && review.headSha === headSha,
  );
  const approving = ofHead.filter(({ at }) => at >= since);
  const trusts = approving.map(({ author }) => ({ author, trust: trustOf(author, permissions, trust.labels) }));
  const trusted = trusts.find((each) => each.trust === "trusted");
  if (trusted) return { kind: "approved", by: trusted.author, how: "review" };
  const unknown = trusts.find((each) => each.trust === "unknown");
  if (unknown) return { kind: "unknown", because: `what ${unknown.author} may do was not asked yet` };
  const early = ofHead.find(({ at }) => at < since);
  return early
    ? { kind: "void", because: `${early.author} approved it before it was onto this base` }
    : { kind: "none" };
}

/** The last push that the timeline shows; -1 when it shows none. */
export const lastPushOrder = ({ pushes }: Timeline): number => Math.max(-1, ...pushes.map(({ order }) => order));

/** Of each person, the last review with an opinion that was not dismissed. Ours are known from our tasks. */
export function standingReviews({ reviews }: Timeline, selfLogin: string | null): readonly TimelineReview[] {
  const last = new Map<string, TimelineReview>();
  for (const review of [...reviews].sort((a, b) => a.order - b.order)) {
    const author = review.author.toLowerCase();
    if (review.state !== "approved" && review.state !== "changes-requested") continue;
    if (author !== selfLogin?.toLowerCase()) last.set(author, review);
  }
  return [...last.values()];
}
