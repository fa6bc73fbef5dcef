import type { Deliverer, OutboxKind } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { addLabels } from "./add-labels.ts";
import { closeIssue } from "./close-issue.ts";
import { closePullRequest } from "./close-pull-request.ts";
import { comment } from "./comment.ts";
import { createIssue } from "./create-issue.ts";
import { createLabel } from "./create-label.ts";
import { deleteBranch } from "./delete-branch.ts";
import { leaveMergeQueue } from "./leave-merge-queue.ts";
import { merge } from "./merge.ts";
import { openPullRequest } from "./open-pull-request.ts";
import { type PushBranch, pushBranch } from "./push-branch.ts";
import { removeLabels } from "./remove-labels.ts";
import { requestReview } from "./request-review.ts";
import { rerunChecks } from "./rerun-checks.ts";
import { review } from "./review.ts";
import { reviewReply } from "./review-reply.ts";
import { status } from "./status.ts";
import { updateIssue } from "./update-issue.ts";
import { updatePullRequest } from "./update-pull-request.ts";

/** One deliverer for each kind of write, all for one repository. */
export function createDeliverers(forge: ForgeWrites, git: PushBranch): Readonly<Record<OutboxKind, Deliverer>> {
  return {
    "push-branch": pushBranch(git),
    "open-pull-request": openPullRequest(forge),
    comment: comment(forge),
    "add-labels": addLabels(forge),
    "remove-labels": removeLabels(forge),
    "create-label": createLabel(forge),
    "rerun-checks": rerunChecks(forge),
    "create-issue": createIssue(forge),
    "update-issue": updateIssue(forge),
    "close-issue": closeIssue(forge),
    "update-pull-request": updatePullRequest(forge),
    "close-pull-request": closePullRequest(forge),
    review: review(forge),
    "review-reply": reviewReply(forge),
    "request-review": requestReview(forge),
    status: status(forge),
    merge: merge(forge),
    "leave-merge-queue": leaveMergeQueue(forge),
    "delete-branch": deleteBranch(forge),
  };
}
