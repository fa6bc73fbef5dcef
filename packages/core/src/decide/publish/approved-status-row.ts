import type { NewOutboxRow } from "../../domain/outbox.ts";
import { reviewStatusContext } from "../../domain/review.ts";
import type { Task } from "../../domain/task.ts";
import { approvalOf, standingReviews } from "../pull-request/human-approval.ts";
import { type PullRequestFacts, reviewReasons, reviewsOf } from "../pull-request/pull-request-facts.ts";
import { pullRequestSubject, streamOf } from "../subjects.ts";
import { labelSetBy } from "../trust.ts";

/**
 * Our review's failed status, once a person has approved the same head after it: green, and it says who. When the
 * approval is taken back it is red again. What we reviewed is known from our store, and the status is looked at only so
 * that what it says already is not said again.
 */
export function approvedStatusRows(facts: PullRequestFacts): readonly NewOutboxRow<"status">[] {
  const { candidate, policy } = facts;
  const refused = lastRefusal(facts);
  const shown = candidate.reading?.reading.checks.find(
    ({ kind, name }) => kind === "status" && name === reviewStatusContext,
  )?.state;
  if (!policy.reviews.status || !refused || (shown !== "failed" && shown !== "passed")) return [];
  const act = approvalAfter(facts, refused);
  if (act === "unknown" || (act !== null) === (shown === "passed")) return [];
  const { number, headSha } = candidate.pullRequest;
  const stream = streamOf(policy.profileId, pullRequestSubject(number));
  const body = { sha: headSha, context: reviewStatusContext };
  const key = `${stream}/approved-status/${headSha}/t${refused.id}`;
  const shared = { profileId: policy.profileId, kind: "status", stream } as const;
  if (act !== null) {
    const description = `Approved by ${act.by}; agent review: ${verdictOf(refused)}`;
    return [{ ...shared, idempotencyKey: `${key}/by/${act.order}`, body: { ...body, state: "success", description } }];
  }
  const description = `Agent review: ${verdictOf(refused)}; no person's approval stands`;
  const since = lastOrder(facts);
  return [{ ...shared, idempotencyKey: `${key}/over/${since}`, body: { ...body, state: "failure", description } }];
}

/** Of this head, when our last word on it is one. */
function lastRefusal(facts: PullRequestFacts): Task | null {
  const ended = reviewsOf(facts).filter(({ state }) => state === "succeeded");
  const [last] = ended.toSorted((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0));
  const { changesRequested, notConverging } = reviewReasons;
  return last && (last.reason === changesRequested || last.reason === notConverging) ? last : null;
}

const verdictOf = ({ reason }: Task): string =>
  reason === reviewReasons.notConverging ? "came to no end" : "changes requested";

/**
 * Who approved it knowing our verdict: by the timeline's order where our review stands in it, else by the clocks. An
 * approval that came before says nothing of what we found.
 */
function approvalAfter(
  { candidate, policy, permissions, selfLogin }: PullRequestFacts,
  refused: Task,
): { readonly by: string; readonly order: number } | null | "unknown" {
  const stored = candidate.reading;
  if (!stored) return "unknown";
  const approval = approvalOf(candidate, policy, permissions, stored.headSeenAt, selfLogin);
  if (approval.kind === "unknown") return "unknown";
  if (approval.kind !== "approved") return null;
  const { timeline, headSha } = stored.reading;
  const given =
    approval.how === "label"
      ? labelSetBy(timeline, policy.labels.humanApproved)
      : standingReviews(timeline, selfLogin).find(
          (review) => review.author === approval.by && review.state === "approved",
        );
  if (!given) return "unknown";
  const ours = timeline.reviews.findLast(
    (review) => review.author.toLowerCase() === selfLogin?.toLowerCase() && review.headSha === headSha,
  );
  const isAfter = ours ? given.order > ours.order : given.at >= (refused.finishedAt ?? Number.POSITIVE_INFINITY);
  return isAfter ? { by: approval.by, order: given.order } : null;
}

/** Of anything that can take an approval back: another time it is taken back it is said again. */
function lastOrder({ candidate }: PullRequestFacts): number {
  const timeline = candidate.reading?.reading.timeline;
  return Math.max(
    -1,
    ...(timeline?.labelActs ?? []).map(({ order }) => order),
    ...(timeline?.reviews ?? []).map(({ order }) => order),
  );
}
