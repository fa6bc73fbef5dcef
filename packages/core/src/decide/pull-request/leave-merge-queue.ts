import type { HoldReason } from "../../domain/hold-reason.ts";
import type { Lane } from "../../domain/lane.ts";
import { standingByUs } from "./decide-merge.ts";
import { approvalOf } from "./human-approval.ts";
import type { PullRequestFacts } from "./pull-request-facts.ts";
import type { StageFacts } from "./pull-request-stage.ts";

/** What we put into the merge queue is taken out of it again, as a person speaks against it. */
export interface LeaveMergeQueue {
  readonly kind: "leave-merge-queue";
  /** Of the merge that put it there. */
  readonly mergeKey: string;
  readonly because: HoldReason;
  readonly detail: string;
  readonly lane: Lane;
}

type Held = Pick<LeaveMergeQueue, "because" | "detail"> & { readonly lane?: Lane | null };

/**
 * Null when nothing of ours stands there, or leaves it already. What is not known takes nothing out, nor does what the
 * forge merged or what waits to be sent: that stops by itself.
 */
export function leaveMergeQueue(facts: PullRequestFacts, held: Held): LeaveMergeQueue | null {
  const { candidate, publishing } = facts;
  if (publishing || candidate.pullRequest.merged || held.because === "details-unread") return null;
  const row = standingByUs(facts);
  if (row === null) return null;
  const detail = `${held.detail}; it is taken out of the merge queue`;
  return {
    ...{ kind: "leave-merge-queue", mergeKey: row.idempotencyKey, because: held.because, detail },
    lane: held.lane ?? "pr-review",
  };
}

/** What a person has said since that would have kept it from being merged; the head is the same. Null: nothing. */
export function objectionToMerge(facts: PullRequestFacts, { feedback, risk }: StageFacts): string | null {
  const { candidate, policy, permissions, selfLogin, base } = facts;
  const { pullRequest, reading } = candidate;
  // In the second of its last change, an act may be missing that stands in the list already.
  if (!reading?.isSettled) return null;
  if (pullRequest.baseRef !== base.branch) return `its base is ${pullRequest.baseRef} now`;
  if (feedback === "requested") return "a review asks for changes";
  if (policy.merge.requireApproval !== "human" && !risk.systemBreaking) return null;
  const approval = approvalOf(candidate, policy, permissions, reading.headSeenAt, selfLogin);
  if (approval.kind === "void") return `its approval does not count any more: ${approval.because}`;
  return approval.kind === "none" ? "its approval was taken back" : null;
}
