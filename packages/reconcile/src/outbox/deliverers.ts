import type { Deliverer, OutboxKind } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { addLabels } from "./add-labels.ts";
import { comment } from "./comment.ts";
import { createLabel } from "./create-label.ts";
import { openPullRequest } from "./open-pull-request.ts";
import { type PushBranch, pushBranch } from "./push-branch.ts";
import { removeLabels } from "./remove-labels.ts";
import { rerunChecks } from "./rerun-checks.ts";

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
    "create-issue": notYet,
    "update-issue": notYet,
    "close-issue": notYet,
    "update-pull-request": notYet,
    "close-pull-request": notYet,
    review: notYet,
    "review-reply": notYet,
    status: notYet,
    merge: notYet,
    "delete-branch": notYet,
  };
}

const notYet: Deliverer = {
  deliver: () => Promise.reject(new Error("This kind of write has no deliverer yet")),
  settle: () => Promise.reject(new Error("This kind of write has no deliverer yet")),
};
