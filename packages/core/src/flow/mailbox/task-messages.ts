import type { Json } from "../../domain/json.ts";
import type { Instant } from "../../domain/time.ts";
import { isOver, type Step } from "../settle/facts.ts";
import type { NewMessage } from "./message-bodies.ts";

/** What a message says of a task beside its change of state. */
export interface ToldTask {
  readonly id: string;
  readonly attempts: number;
  readonly round: number;
  readonly startedAt: Instant | null;
  readonly summary: string | null;
  readonly result: Json;
  /** Where its outputs are kept, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Pure. The messages of these changes, in their order; `tasks`: as they are now. A change that is no news has none. */
export function taskMessages(
  steps: readonly Step[],
  tasks: ReadonlyMap<string, ToldTask>,
  now: Instant,
): readonly NewMessage[] {
  return steps.flatMap((step) => {
    const task = tasks.get(step.taskId);
    return task === undefined ? [] : messageOf(step, task, now);
  });
}

/** Whether a change is told of. */
export const isNews = ({ from, state }: Step): boolean =>
  isOver({ state }) || state === "judging" || (state === "queued" && (from === "running" || from === "judging"));

function messageOf(step: Step, task: ToldTask, now: Instant): readonly NewMessage[] {
  const { taskId, state, reason } = step;
  if (state === "succeeded") return [{ type: "TASK_DONE", taskId, body: doneBody(step, task, now) }];
  if (state === "failed" || state === "skipped" || state === "cancelled") {
    const summary = task.summary ?? `It was ${state}: ${reason ?? state}.`;
    const body = { ...attemptOf(task, now), state, reason: reason ?? state, summary };
    return [{ type: "TASK_FAILED", taskId, body }];
  }
  return isNews(step) ? [{ type: "PROGRESS", taskId, body: progressOf(step, task, now) }] : [];
}

function doneBody({ reason }: Step, task: ToldTask, now: Instant) {
  const { summary, outputs } = task;
  return {
    ...attemptOf(task, now),
    ...(summary === null ? {} : { summary }),
    ...(reason === null ? {} : { reason }),
    ...(Object.keys(outputs).length === 0 ? {} : { outputs }),
  };
}

const attemptOf = ({ attempts, round, startedAt, result }: ToldTask, now: Instant) => ({
  ...{ attempt: attempts, round },
  ...(startedAt === null ? {} : { durationMs: Math.max(0, now - startedAt) }),
  // Larger ones are read from the task, whose message says that it is done.
  ...(result === null || JSON.stringify(result).length > 4096 ? {} : { result }),
});

function progressOf({ state, reason, round, feedback, runAt }: Step, task: ToldTask, now: Instant) {
  const until = runAt === undefined || runAt <= now ? null : new Date(runAt).toISOString();
  const why = task.summary ?? reason ?? "";
  const text =
    state === "judging"
      ? "Its work is done; its judge is asked."
      : round === undefined
        ? `It is tried again${until === null ? "" : `, not before ${until}`}: ${why}`
        : `Its judge wants it done anew (round ${round}): ${feedback ?? ""}`.trimEnd();
  return {
    ...{ text, state },
    ...(reason === null ? {} : { reason }),
    ...(round === undefined ? {} : { round }),
    ...(feedback === undefined ? {} : { feedback }),
    ...(until === null ? {} : { until }),
  };
}
