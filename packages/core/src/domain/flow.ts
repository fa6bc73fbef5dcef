import type { JudgeVerdict } from "./flow-decision.ts";
import type { FlowPlan, FlowTaskSpec } from "./flow-plan.ts";
import type { Json } from "./json.ts";
import type { Instant } from "./time.ts";

/**
 * A flow: a graph of tasks that somebody submitted and left. It is `running` until each of its tasks has ended;
 * `paused` begins nothing new. The other three are ends: `succeeded` when no task counts as failed, `cancelled` by a
 * person or an agent, `failed` otherwise (a deadline or a budget that was used up included).
 */
export const flowStates = ["running", "paused", "succeeded", "failed", "cancelled"] as const;
export type FlowState = (typeof flowStates)[number];

/** Every legal step; docs/state-machine.md is checked against this table. An end is left only by retrying a task. */
export const flowSteps: { readonly [from in FlowState]: readonly FlowState[] } = {
  running: ["paused", "succeeded", "failed", "cancelled"],
  paused: ["running", "succeeded", "failed", "cancelled"],
  succeeded: ["running"],
  failed: ["running"],
  cancelled: ["running"],
};

/**
 * One task of a flow.
 *
 *     waiting -> queued -> running -> judging -> succeeded
 *        |         ^  ^       |  \       | \---> queued (another round) | failed
 *        |         |  |       |   \--> asking -> queued | succeeded | failed
 *        |         |  +-------+  a retry, or an attempt that was lost
 *        +-> skipped | cancelled             (cancelled from anywhere but an end)
 *
 * `waiting`: for the tasks it needs. `queued`: the durable queue has it (a retry's backoff included). `judging`: its work
 * is done, its judge has not spoken. `asking`: a person has to decide. The last four are ends.
 */
export const flowTaskStates = [
  "waiting",
  "queued",
  "running",
  "judging",
  "asking",
  "succeeded",
  "failed",
  "skipped",
  "cancelled",
] as const;
export type FlowTaskState = (typeof flowTaskStates)[number];

/**
 * Every legal step; docs/state-machine.md is checked against this table. A judge waits again while the work that it
 * judges is done anew or a person is asked. Ends are left only by retrying a task.
 */
export const flowTaskSteps: { readonly [from in FlowTaskState]: readonly FlowTaskState[] } = {
  waiting: ["queued", "succeeded", "skipped", "cancelled"],
  queued: ["waiting", "running", "skipped", "cancelled"],
  running: ["queued", "waiting", "judging", "asking", "succeeded", "failed", "cancelled"],
  judging: ["queued", "asking", "succeeded", "failed", "cancelled"],
  asking: ["queued", "succeeded", "failed", "skipped", "cancelled"],
  succeeded: ["waiting"],
  failed: ["queued", "waiting"],
  skipped: ["queued", "waiting"],
  cancelled: ["queued", "waiting"],
};

export const flowTaskEnds = ["succeeded", "failed", "skipped", "cancelled"] as const satisfies readonly FlowTaskState[];

/** How telling the callback of a flow's end stands. `told`: it got it; `given-up`: it will not be tried again. */
export interface FlowCallbackNote {
  /** The same in each try, and another one for each end of the flow: who gets it twice knows it by this. */
  readonly delivery: string;
  readonly state: "waiting" | "told" | "given-up";
  readonly tries: number;
  /** Of the last try; for example `HTTP 204`, `exit 0`, `ECONNREFUSED`. Null: it is not known yet. */
  readonly answer: string | null;
  readonly triedAt: Instant;
  /** Null: there is no next try. */
  readonly nextAt: Instant | null;
}

/**
 * Why a queued task does not begin on this host now, as a runtime found it: noted as the task's reason, with words as its
 * summary. None of them uses up a try; each is looked at again and again, until it is over or the flow's deadline is.
 */
export const flowWaitReasons = [
  "profile-broken",
  "setting-missing",
  "program-missing",
  "login-missing",
  "provider-cooldown",
  "provider-probing",
  "provider-needs-person",
  "provider-full",
  "host-full",
  "host-memory-low",
  "host-disk-low",
  "host-load-high",
  "host-limits-broken",
  "day-budget-spent",
] as const;

export interface Flow {
  /** `f` and letters, digits: names a folder, and begins with what sorts by time. */
  readonly id: string;
  readonly name: string;
  readonly state: FlowState;
  /** What a person or a policy wants of it: `fail` and `cancel` end it as soon as nothing runs any more. */
  readonly ending: "fail" | "cancel" | null;
  /** Code of why it ended as it did, for example `task-failed`, `deadline`, `budget`, `cancelled`; null otherwise. */
  readonly reason: string | null;
  /** The plan less its tasks. */
  readonly plan: Omit<FlowPlan, "tasks">;
  readonly folder: string;
  readonly submittedBy: string;
  readonly createdAt: Instant;
  readonly deadlineAt: Instant | null;
  readonly finishedAt: Instant | null;
  /** Of the plan's `on_done`, for the flow's last end; null: nothing was tried yet. */
  readonly callback: FlowCallbackNote | null;
  /** Grows with each change of the flow, its tasks or decisions. */
  readonly revision: number;
}

export interface FlowTask {
  readonly flowId: string;
  readonly id: string;
  /** In the order of the plan and of what was added. */
  readonly position: number;
  readonly spec: FlowTaskSpec;
  readonly state: FlowTaskState;
  /** Of the last end, retry or hold; for example `exit-code`, `timed-out`, `needs-failed`, `judge-failed`. */
  readonly reason: string | null;
  /** One line for people. */
  readonly summary: string | null;
  /** The queue's task of its present or last round. */
  readonly queueTaskId: number | null;
  /** Times its work was begun anew because its judge said so; 0 in the first. */
  readonly round: number;
  /** Attempts that were begun, over all rounds, lost ones included. */
  readonly attempts: number;
  readonly lost: number;
  /** What its last attempt left as `result.json`, at most 64 KB; null: none. */
  readonly result: Json;
  /** What its judge said last; told to the next round. */
  readonly feedback: string | null;
  /** The folder of its last attempt. */
  readonly attemptFolder: string | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** What the end of an attempt was, before anything is drawn from it. */
export type AttemptOutcome =
  | {
      readonly kind: "done";
      readonly result: Json;
      readonly verdict?: { readonly verdict: JudgeVerdict; readonly feedback: string };
    }
  /** `reason`: a code; `isFinal`: no retry could help (the program is not there, the plan is wrong). */
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly summary: string;
      readonly isFinal: boolean;
      readonly result: Json;
    }
  /** It vanished with its runtime, or its runtime was stopped: not the task's doing. */
  | { readonly kind: "lost"; readonly summary: string }
  /** `reason`: a code; absent: `interrupted`. `notBefore`: it would meet the same again before then. */
  | {
      readonly kind: "interrupted";
      readonly summary: string;
      readonly reason?: string;
      readonly notBefore?: Instant;
    }
  /** Somebody asked it to stop. */
  | { readonly kind: "cancelled"; readonly summary: string };
