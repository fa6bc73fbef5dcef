import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { ReviewFinding, ReviewLedgers } from "../../domain/review.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { ciParkedRow, type StageDecision } from "../pull-request/pull-request-stage.ts";
import { pullRequestSubject, streamOf } from "../subjects.ts";
import { code, neutralise } from "./inert-text.ts";
import { findingLines } from "./review-text.ts";

/**
 * A person is asked once for each head: what is waited for, and what ends the waiting. Whether it was said is known
 * from the key of its row, and never from comments.
 */
export function humanReviewRow(
  pullRequest: Pick<PullRequest, "number" | "headSha">,
  { missing, row }: Pick<StageDecision, "missing" | "row">,
  ledgers: ReviewLedgers,
  { profileId, labels, reviews }: SchedulingPolicy,
): NewOutboxRow<"comment"> {
  const { number, headSha } = pullRequest;
  const stream = streamOf(profileId, pullRequestSubject(number));
  const isStuck = missing.includes(notConverging);
  const isParked = row === ciParkedRow;
  const asked =
    reviews.people.length === 0 ? [] : ["", `Asked: ${reviews.people.map((login) => `@${login}`).join(", ")}`];
  const body = [
    "# Human review wanted",
    "",
    `- Head: ${headSha}`,
    `- Waits for: ${missing.length === 0 ? "a person's approval" : missing.map((each) => code(neutralise(each, number))).join(", ")}`,
    ...asked,
    ...(isStuck ? ["", "Reviews and repairs went round without coming nearer to an end. What is open:"] : []),
    ...(isStuck ? findingLines(openOf(ledgers), number) : []),
    "",
    `To approve this head, set the label ${code(labels.humanApproved)}, or give an approving review. A push voids either.`,
    ...(isParked
      ? ["Its failed checks were run again and repaired as often as the profile allows, and fail still."]
      : []),
    ...(isStuck || isParked
      ? [`To have it repaired once more, set ${code(labels.manualFixOverride)}; a push has it reviewed anew.`]
      : []),
  ].join("\n");
  return {
    profileId,
    kind: "comment",
    stream,
    idempotencyKey: `${stream}/human-review/${headSha}`,
    body: { number, body },
  };
}

/**
 * The forge's own request for a review, a row for each: whom it refuses keeps nobody else from being asked. Whoever
 * opened the pull request cannot review it, and who is asked already is not asked again.
 */
export function reviewRequestRows(
  { number, headSha, author, requestedReviewers }: PullRequest,
  { profileId, reviews }: SchedulingPolicy,
): readonly NewOutboxRow<"request-review">[] {
  const stream = streamOf(profileId, pullRequestSubject(number));
  const left = new Set([author, ...requestedReviewers].map((login) => login.toLowerCase()));
  const wanted = reviews.people.filter((login) => !left.has(login.toLowerCase()));
  return [...new Set(wanted)].map((reviewer) => ({
    profileId,
    kind: "request-review",
    stream,
    idempotencyKey: `${stream}/human-review/${headSha}/${reviewer.toLowerCase()}`,
    body: { number, reviewer },
  }));
}

export const asksPeople = ({ idempotencyKey }: NewOutboxRow): boolean => idempotencyKey.includes("/human-review/");

export const notConverging = "review-not-converging";

const openOf = ({ first, second }: ReviewLedgers): readonly ReviewFinding[] =>
  [first, second].flatMap((ledger) => ledger?.open ?? []);
