import { fieldsOf } from "../../domain/fields.ts";
import { isFailureReason } from "../../domain/reason.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import type { IssuePayload } from "../../domain/wanted.ts";

export type BlockerContext = NonNullable<IssuePayload["blocker"]>;

/** What a stored task was made for. Tasks of earlier versions have the revision and nothing more. */
export const revisionIn = ({ payload }: Task): string | null => {
  const { revision } = fieldsOf(payload);
  return typeof revision === "string" ? revision : null;
};

export const dueAtIn = ({ payload }: Task): Instant | null => {
  const { dueAt } = fieldsOf(payload);
  return typeof dueAt === "number" ? dueAt : null;
};

export const blockerIn = ({ payload }: Task): BlockerContext | null => {
  const { reason, summary, round } = fieldsOf(fieldsOf(payload).blocker);
  if (typeof reason !== "string" || typeof summary !== "string" || typeof round !== "number") return null;
  return { reason, summary, round };
};

const maxSummary = 2000;

/** Why a dead letter is one, for the session that tries again. */
export function blockerOf(dead: Task, round: number): BlockerContext {
  const { summary } = fieldsOf(dead.result);
  const reason = dead.reason !== null && isFailureReason(dead.reason) ? dead.reason : "unknown";
  return { reason, summary: typeof summary === "string" ? summary.slice(0, maxSummary) : "", round };
}
