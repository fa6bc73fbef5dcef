/**
 * `agent-control-plane/flows`: flows as library calls. A plan is checked and stored, and goes on in the background,
 * whatever becomes of the program that submitted it.
 *
 * ```ts
 * import { submitFlow, waitForFlow } from "agent-control-plane/flows";
 *
 * const { flow } = await submitFlow({ tasks: [{ id: "build", worker: "shell", command: "make" }] }, { cwd: "/src/web" });
 * const { state } = await waitForFlow(flow);
 * ```
 *
 * What is expected to go wrong (no such flow, a plan that is not valid, an answer that comes late) is a `FlowError`.
 */
import type { Flow, FlowTask, FlowTaskState } from "./domain/flow.ts";
import type { FlowDecision } from "./domain/flow-decision.ts";
import type { FlowMessageType } from "./domain/flow-mailbox.ts";
import type { FlowPlan } from "./domain/flow-plan.ts";
import type { Json, JsonObject } from "./domain/json.ts";
import type { Session } from "./domain/session.ts";
import type { Instant, Millis } from "./domain/time.ts";
import type { PlanProblem } from "./flow/plan/problem.ts";
import type { FlowStatus } from "./flow/view/flow-status.ts";
import type { FlowCounts, FlowRefusal } from "./store/ports/flows.ts";

export type { Flow, FlowState, FlowTask, FlowTaskState } from "./domain/flow.ts";
export type { FlowDecision } from "./domain/flow-decision.ts";
export type { FlowMessageType } from "./domain/flow-mailbox.ts";
export type {
  FailurePolicy,
  FlowBudget,
  FlowCallback,
  FlowCheck,
  FlowPlan,
  FlowRetry,
  FlowTaskDefaults,
  FlowTaskSpec,
} from "./domain/flow-plan.ts";
export type { Json, JsonObject } from "./domain/json.ts";
export type { Instant, Millis } from "./domain/time.ts";
export type { PlanProblem } from "./flow/plan/problem.ts";
export type { FlowStatus, FlowTaskStatus } from "./flow/view/flow-status.ts";
export type { FlowHoldCode, FlowTaskHold } from "./flow/view/why-it-waits.ts";
export type { FlowCounts, FlowRefusal } from "./store/ports/flows.ts";

/** Where flows are, and who asks. */
export interface FlowsAt {
  /** The runtime home; otherwise `AGENT_RUNTIME_HOME`, or `~/.agent-runtime`. */
  readonly home?: string;
  /** Of the runtime that is started; otherwise this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Who the records name; otherwise `ACP_ACTOR`, or the user's name. */
  readonly by?: string;
}

/** YAML or JSON as a text, or what such a text says as plain values. */
export type PlanGiven = string | JsonObject | readonly JsonObject[];

export type FlowErrorCode =
  | FlowRefusal
  | "bad-plan"
  | "ambiguous-flow"
  | "unknown-attempt"
  /** `waitForFlow`: it was not over in time. It goes on. */
  | "not-over"
  /** The caller's signal ended the waiting. The flow goes on. */
  | "left";

export declare class FlowError extends Error {
  readonly code: FlowErrorCode;
  /** How `acp` would end: 1, 2 or 66. */
  readonly exitCode: number;
  /** Of a plan or tasks that are not valid: everything that is wrong. */
  readonly problems: readonly PlanProblem[];
  constructor(
    code: FlowErrorCode,
    message: string,
    more?: { readonly exitCode?: number; readonly problems?: readonly PlanProblem[] },
  );
}

export interface SubmitOptions extends FlowsAt {
  /** What the plan's relative paths are under; otherwise this process's folder. */
  readonly cwd?: string;
  /** Named in problems, and the flow's name where the plan has none. */
  readonly file?: string;
  /** False: no runtime is started when none runs. */
  readonly start?: boolean;
}

export interface SubmittedFlow {
  /** Its id. */
  readonly flow: string;
  readonly name: string;
  readonly tasks: number;
  /** With its mailbox. */
  readonly folder: string;
  /** Process id of the runtime that was started for it; null: one was there, or none was wanted. */
  readonly started: number | null;
}

/** Stored when it answers; nothing of it has to have begun. */
export declare function submitFlow(plan: PlanGiven, options?: SubmitOptions): Promise<SubmittedFlow>;

/** The plan as it is understood, every default filled in. Stores nothing. */
export declare function checkPlan(plan: PlanGiven, options?: SubmitOptions): Promise<FlowPlan>;

export type ListedFlow = Flow & { readonly counts: FlowCounts };

/** Oldest first; those that ended only with `all`. */
export declare function listFlows(
  options?: FlowsAt & { readonly all?: boolean; readonly limit?: number },
): Promise<readonly ListedFlow[]>;

/** A unique beginning of an id is enough, here and below. */
export declare function flowStatus(flow: string, options?: FlowsAt): Promise<FlowStatus>;

export interface FlowResult {
  readonly id: string;
  readonly state: FlowTaskState;
  readonly reason: string | null;
  readonly summary: string | null;
  /** What the task wrote as its result. */
  readonly result: Json;
  /** Where its outputs are kept, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What the tasks left, in the order of the plan. */
export declare function flowResults(
  flow: string,
  options?: FlowsAt & { readonly task?: string },
): Promise<{ readonly flow: string; readonly state: Flow["state"]; readonly tasks: readonly FlowResult[] }>;

export interface FlowExport {
  readonly flow: Flow;
  readonly tasks: readonly FlowTask[];
  readonly decisions: readonly FlowDecision[];
  /** One for each attempt, oldest first. */
  readonly attempts: readonly Session[];
  readonly messages: readonly FlowMessageLine[];
}

/** Everything that is known of it. */
export declare function exportFlow(flow: string, options?: FlowsAt): Promise<FlowExport>;

/** A line of `outbox.jsonl`; docs/flows.md names the other fields of each type. */
export type FlowMessageLine = {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly type: FlowMessageType;
  readonly flow: string;
  readonly task?: string;
} & { readonly [field: string]: Json };

/** What makes a flow go on starts a runtime where none runs, unless `start` is false. */
export interface ActOptions extends FlowsAt {
  readonly start?: boolean;
}

export interface FollowOptions extends FlowsAt {
  readonly signal?: AbortSignal;
}

/** What happens in it, from the message after `afterSeq` on, until it has ended. */
export declare function watchFlow(
  flow: string,
  options?: FollowOptions & { readonly afterSeq?: number },
): AsyncIterable<FlowMessageLine>;

/** The flow as it ended, well or not. */
export declare function waitForFlow(
  flow: string,
  options?: FollowOptions & { readonly timeoutMs?: Millis },
): Promise<Flow & { readonly finishedAt: Instant }>;

/** The flow after it. */
type Acted = Promise<Flow>;

/** One task, several, or a section `tasks`, as in a plan. */
export declare function addTasks(flow: string, tasks: PlanGiven, options?: ActOptions): Acted;
/** Keys of a task that has not begun, with their new values. */
export declare function updateTask(flow: string, task: string, change: string | JsonObject, options?: FlowsAt): Acted;
export declare function pauseFlow(flow: string, options?: FlowsAt): Acted;
export declare function resumeFlow(flow: string, options?: ActOptions): Acted;
/** `drain`: what runs may end; otherwise it is stopped. */
export declare function cancelFlow(flow: string, options?: FlowsAt & { readonly drain?: boolean }): Acted;
export declare function cancelTask(flow: string, task: string, options?: FlowsAt): Acted;
/** A task that ended otherwise than well, and what ended because of it; the flow goes on, also from its end. */
export declare function retryTask(flow: string, task: string, options?: ActOptions): Acted;
/** Answers a question that holds a task. `comment` is told to what is done next. */
export declare function decide(
  ref: string,
  answer: string,
  options?: ActOptions & { readonly comment?: string },
): Acted;
