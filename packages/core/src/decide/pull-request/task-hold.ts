import type { HoldReason } from "../../domain/hold-reason.ts";
import { isLive, type Task } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { isOurCancel } from "../issue/issue-past.ts";

/**
 * After a dead letter, how long a missing blocked label is not yet taken for a person's wish to try again: the label
 * we set may be younger than the list we read.
 */
const deadLetterGraceMs: Millis = 60_000;

/** Why work is not begun again, from what became of the newest task of its key; null: nothing speaks against it. */
export function holdOfTask(facts: {
  readonly now: Instant;
  readonly task: Task | undefined;
  readonly isBlocked: boolean;
  readonly publishing: boolean;
  /** The outbox row of that task which failed for good. */
  readonly failedWrite: number | undefined;
}): { readonly because: HoldReason; readonly detail: string } | null {
  const { now, task, isBlocked, publishing, failedWrite } = facts;
  if (task && isLive(task)) return null;
  const detail = task ? `task ${task.id}${task.reason ? `: ${task.reason}` : ""}` : "";
  if (task && failedWrite !== undefined && !isBlocked) {
    return { because: "publish-failed", detail: `task ${task.id}, outbox row ${failedWrite}` };
  }
  if (task?.state === "dead") {
    const isAskedFor = !isBlocked && !publishing && now - task.updatedAt > deadLetterGraceMs;
    if (!isAskedFor) return { because: "dead-letter", detail };
  }
  if (publishing) return { because: "publishing", detail: detail || "writes of an earlier session" };
  if (task?.state === "succeeded") return { because: "already-worked", detail };
  if (task?.state === "cancelled" && !isOurCancel(task)) return { because: "cancelled", detail };
  return null;
}
