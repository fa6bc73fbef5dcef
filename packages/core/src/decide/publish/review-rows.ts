import { pullRequestPayloadOf } from "../../domain/lane-payload.ts";
import type { NewOutboxRow, OutboxBodies } from "../../domain/outbox.ts";
import type { ReviewRules } from "../../domain/policy.ts";
import { reviewStatusContext } from "../../domain/review.ts";
import type { Task } from "../../domain/task.ts";
import type { Found } from "./lane-text.ts";
import { numberOf, type PublishTarget, row, rowsOnRelease } from "./publish-rows.ts";
import { type ReviewTold, reviewText } from "./review-text.ts";

/**
 * A review's verdict, bound to the head it was given for: a review of the forge's, and a commit status for branch
 * protection to ask for. Nothing of it is read again; what we reviewed stands in our store.
 */
export function rowsOnReview(
  target: PublishTarget,
  task: Task,
  attemptKey: string,
  told: ReviewTold,
  found: Found,
  rules: Pick<ReviewRules, "post" | "status">,
): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const body = reviewText(task, told, found);
  const { headSha } = told;
  const said =
    rules.post === "comment"
      ? row(target, task, attemptKey, "comment", { number, body }, "review")
      : row(target, task, attemptKey, "review", { number, headSha, event: eventOf(task, told), body }, "review");
  const status = rules.status ? statusOf(task, told) : null;
  return [
    said,
    ...(status ? [row(target, task, attemptKey, "status", status, "review-status")] : []),
    ...rowsOnRelease(target, task, attemptKey),
  ];
}

/**
 * The forge takes no verdict on one's own pull request. The first of two reviews that passes approves nothing yet: it
 * would count towards what branch protection asks for.
 */
function eventOf(task: Task, told: ReviewTold): OutboxBodies["review"]["event"] {
  if (pullRequestPayloadOf(task)?.review?.isOwn !== false) return "comment";
  if (!told.isApproved) return "request-changes";
  return isLast(task) ? "approve" : "comment";
}

/** Nothing while another review has to pass: a status that is not there yet is what branch protection waits for. */
function statusOf(task: Task, told: ReviewTold): OutboxBodies["status"] | null {
  const shared = { sha: told.headSha, context: reviewStatusContext };
  const count = told.open?.filter(({ severity }) => severity === "blocking").length ?? 0;
  if (!told.isApproved) {
    const findings = count === 0 ? "" : `, ${count} blocking finding${count === 1 ? "" : "s"}`;
    return { ...shared, state: "failure", description: `Agent review: changes requested${findings}` };
  }
  if (!isLast(task)) return null;
  const wanted = pullRequestPayloadOf(task)?.review?.wanted ?? 1;
  return { ...shared, state: "success", description: `Agent review: passed${wanted === 2 ? " twice" : ""}` };
}

function isLast(task: Task): boolean {
  const pullRequest = pullRequestPayloadOf(task);
  return (pullRequest?.round ?? 1) >= (pullRequest?.review?.wanted ?? 1);
}
