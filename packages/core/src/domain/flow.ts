import type { Json } from "./json.ts";
import type { Instant, Millis } from "./time.ts";

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

/**
 * What the failure of a task does, after its retries.
 * `skip_dependents` (the default): what needs it, directly or not, is skipped; the rest of the flow goes on.
 * `continue`: what needs it begins all the same and is told; the failure does not count against the flow.
 * `fail`: nothing else of the flow begins; what runs may end, what waits is cancelled.
 * `ask`: a decision is opened (`retry`, `continue`, `skip`, `fail`), and only that task waits for it.
 */
export const failurePolicies = ["skip_dependents", "continue", "fail", "ask"] as const;
export type FailurePolicy = (typeof failurePolicies)[number];

/** A plan as it was understood: every default filled in, every duration in milliseconds. Shown by `flow status --json`. */
export interface FlowPlan {
  readonly name: string;
  /** What it is all for; told to every worker (context layer L0). */
  readonly goal: string;
  /** How many tasks of it may run at once, over all runtimes. */
  readonly parallelism: number;
  /** From the submission; null: none. */
  readonly deadlineMs: Millis | null;
  readonly budget: FlowBudget;
  /** The profile whose backends, accounts and limits the agents of this flow use; null: each backend's defaults. */
  readonly profile: string | null;
  /** Folder that relative working directories are under; absolute. */
  readonly cwd: string;
  /** Places in a concurrency group (`group` of a task); a group that is not named here has one. Shared by all flows. */
  readonly concurrency: Readonly<Record<string, number>>;
  /** Told once, when the flow has ended. */
  readonly onDone: FlowCallback | null;
  /** What a task that is added later has when it says nothing else; absent: `builtInDefaults`. */
  readonly defaults?: FlowTaskDefaults;
  readonly tasks: readonly FlowTaskSpec[];
}

export interface FlowTaskDefaults {
  readonly worker: string | null;
  readonly model: string | null;
  readonly timeoutMs: Millis;
  readonly retry: FlowRetry;
  readonly onFail: FailurePolicy;
  readonly env: FlowTaskSpec["env"];
  /** Absolute. Null: the attempt's own empty folder. */
  readonly cwd: string | null;
  readonly group: string | null;
  readonly priority: number;
  /** Each task that has no judge of its own, and does not refuse one, is given this one. */
  readonly judge: FlowAutoJudge | null;
}

/** Becomes a task `<id of the judged>.judge`. */
export interface FlowAutoJudge {
  /** Null: the default worker. */
  readonly worker: string | null;
  readonly model: string | null;
  readonly command: string | readonly string[] | null;
  readonly prompt: string | null;
  readonly rounds: number;
}

/** Null: no limit. When one is used up no task begins any more. */
export interface FlowBudget {
  readonly usd: number | null;
  readonly tokens: number | null;
  /** Attempts of all tasks together. */
  readonly attempts: number | null;
}

export type FlowCallback =
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "webhook"; readonly url: string };

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

/** `shell` and `python` run a command; every other worker is the name of a backend and is given a prompt. */
export interface FlowTaskSpec {
  /** `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, one of a kind in its flow, letter case aside: it names a folder. */
  readonly id: string;
  readonly name: string;
  readonly worker: string;
  /** Model for agents; null: the backend's or profile's own. */
  readonly model: string | null;
  /** One string is run by `sh -c` (or is Python's program text); a list is run as it is. Null for agents. */
  readonly command: string | readonly string[] | null;
  /** Of agents; null for commands. */
  readonly prompt: string | null;
  readonly dependsOn: readonly string[];
  /** This task judges the work of that one, on which it depends; null: it is no judge. */
  readonly judges: string | null;
  /** How often the work that a judge looks at may be done anew; only of a judge. */
  readonly rounds: number;
  readonly timeoutMs: Millis;
  readonly retry: FlowRetry;
  readonly validate: readonly FlowCheck[];
  readonly onFail: FailurePolicy;
  readonly env: { readonly pass: readonly string[]; readonly set: Readonly<Record<string, string>> };
  /** Absolute. Null: the attempt's own empty folder. */
  readonly cwd: string | null;
  /** A private worktree of this repository at `base` instead of `cwd`; null: none. */
  readonly worktree: { readonly repository: string; readonly base: string | null } | null;
  /** Told to the worker as they are. Tasks that it needs are inputs without being named. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Files the task is to leave, by name: relative to where it runs. Kept with the attempt; missing ones fail it. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly group: string | null;
  /** Higher begins first among what may begin. */
  readonly priority: number;
  /** Of `on_fail: ask`: answered by itself after a while; null: it waits for ever. */
  readonly ask: { readonly expiresMs: Millis; readonly answer: FailureAnswer } | null;
}

export interface FlowRetry {
  /** Tries after the first. */
  readonly count: number;
  /** Before the first retry; each later one waits `factor` times as long, at most `maxMs`. */
  readonly backoffMs: Millis;
  readonly factor: number;
  readonly maxMs: Millis;
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

/** What must hold after the work for it to count as done; in order, the first that does not hold fails the attempt. */
export type FlowCheck =
  | { readonly kind: "command"; readonly command: string | readonly string[]; readonly timeoutMs: Millis }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "json_schema"; readonly path: string; readonly schema: Json }
  | { readonly kind: "regex"; readonly pattern: string; readonly flags: string; readonly in: string };

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

export const failureAnswers = ["retry", "continue", "skip", "fail"] as const;
export type FailureAnswer = (typeof failureAnswers)[number];

export const flowDecisionStates = ["open", "answered", "expired", "void"] as const;
export type FlowDecisionState = (typeof flowDecisionStates)[number];

/** A question to a person that holds one task, and nothing else. */
export interface FlowDecision {
  /** `d` and letters, digits; of its own over all flows. */
  readonly ref: string;
  readonly flowId: string;
  readonly taskId: string;
  readonly question: string;
  /** What may be answered. */
  readonly options: readonly string[];
  readonly state: FlowDecisionState;
  readonly answer: string | null;
  readonly answeredBy: string | null;
  readonly askedAt: Instant;
  /** Answered with `fallback` by itself then; null: never. */
  readonly expiresAt: Instant | null;
  readonly fallback: string | null;
  readonly answeredAt: Instant | null;
}

/** What a judge says in its `result.json`: `{ "verdict": "pass" | "retry" | "fail" | "ask", "feedback": "..." }`. */
export const judgeVerdicts = ["pass", "retry", "fail", "ask"] as const;
export type JudgeVerdict = (typeof judgeVerdicts)[number];

/** Lines of `outbox.jsonl`: `{"seq":1,"at":"<ISO>","type":"TASK_STARTED","flow":"f…","task":"build", …}`. */
export const flowMessageTypes = [
  "TASK_STARTED",
  "PROGRESS",
  "TASK_DONE",
  "TASK_FAILED",
  "DECISION_NEEDED",
  "ERROR",
  "ALL_DONE",
] as const;
export type FlowMessageType = (typeof flowMessageTypes)[number];

export interface FlowMessage {
  /** From 1, without gaps, per flow. */
  readonly seq: number;
  readonly at: Instant;
  readonly type: FlowMessageType;
  readonly taskId: string | null;
  readonly body: Json;
}

/** Lines of `inbox.jsonl`. `id` is optional; a line whose id was there before is refused as a repeat. */
export const flowCommandTypes = [
  "ADD_TASK",
  "UPDATE_TASK",
  "CANCEL_TASK",
  "DECIDE",
  "PAUSE",
  "RESUME",
  "STOP",
] as const;
export type FlowCommandType = (typeof flowCommandTypes)[number];

/** What may be answered to a question of a judge: as its verdict would be. */
export const verdictAnswers = ["pass", "retry", "fail"] as const;
export type VerdictAnswer = (typeof verdictAnswers)[number];

/** What may be changed of a task that has not begun; its place in the graph stays. */
export type FlowTaskChange = Partial<Omit<FlowTaskSpec, "id" | "dependsOn" | "judges">>;

/** `drain`: nothing new begins and what runs may end; `now`: what runs is asked to stop. The flow is cancelled by both. */
export const flowStopModes = ["drain", "now"] as const;
export type FlowStopMode = (typeof flowStopModes)[number];

/** A line of `inbox.jsonl` as it was understood, its tasks complete and checked against the plan. */
export type ReadyFlowCommand = { readonly id: string | null } & (
  | { readonly type: "ADD_TASK"; readonly tasks: readonly FlowTaskSpec[] }
  | { readonly type: "UPDATE_TASK"; readonly taskId: string; readonly change: FlowTaskChange }
  | { readonly type: "CANCEL_TASK"; readonly taskId: string; readonly reason: string | null }
  | { readonly type: "DECIDE"; readonly ref: string; readonly answer: string; readonly comment: string | null }
  | { readonly type: "PAUSE" }
  | { readonly type: "RESUME" }
  | { readonly type: "STOP"; readonly mode: FlowStopMode }
);

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
