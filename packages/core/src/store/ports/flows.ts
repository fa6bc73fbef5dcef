import type { AttemptOutcome, Flow, FlowCallbackNote, FlowState, FlowTask, FlowTaskState } from "../../domain/flow.ts";
import type { FlowDecision } from "../../domain/flow-decision.ts";
import type { FlowMessage, FlowStopMode, FlowTaskChange, ReadyFlowCommand } from "../../domain/flow-mailbox.ts";
import type { FlowPlan, FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { Amount } from "../../domain/spend.ts";
import type { Lease, LeaseKey } from "../../domain/task.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Lost } from "./lost.ts";
import type { NewSession } from "./sessions.ts";
import type { SlotLimit } from "./tasks.ts";

/**
 * Flows: each verb is one transaction, which also settles everything that follows from it, saves the messages of the
 * outbox file, and logs each change.
 */
export interface FlowStore {
  /**
   * The flow with its tasks and its keeper's task of the queue (`flowKeeperQueue`). An id that is there answers the flow
   * that has it, and changes nothing. Throws for a graph that could not end: who submits has checked the plan.
   */
  submit(plan: FlowPlan, as: FlowSubmission): Promise<{ readonly flow: Flow; readonly created: boolean }>;

  get(flowId: string): Promise<Flow | null>;
  /** Oldest first; a limit keeps the newest. */
  list(filter: { readonly states?: readonly FlowState[]; readonly limit?: number }): Promise<readonly Flow[]>;
  /** In the order of the plan. */
  tasks(flowId: string, filter?: FlowTaskFilter): Promise<readonly FlowTask[]>;
  /** How tasks that are over came out, the newest first; no more of them than that is read. */
  ended(flowId: string, limit: number): Promise<readonly Pick<FlowTask, "id" | "state" | "reason" | "summary">[]>;
  task(flowId: string, taskId: string): Promise<FlowTask | null>;
  /** The flow's task that this task of the queue is the present or last round of. */
  ofQueueTask(queueTaskId: number): Promise<FlowTask | null>;
  needs(flowId: string): Promise<readonly { readonly taskId: string; readonly needsId: string }[]>;
  decisions(filter: {
    readonly flowId?: string;
    readonly ref?: string;
    readonly open?: boolean;
  }): Promise<readonly FlowDecision[]>;
  messages(flowId: string, afterSeq: number, limit: number): Promise<readonly FlowMessage[]>;
  counts(flowId: string): Promise<FlowCounts>;
  spend(flowId: string): Promise<Amount & { readonly attempts: number }>;
  /** Whether there is a flow that has not ended, or whose end is still to be told. What a quiet runtime asks, and all. */
  isUnderWay(): Promise<boolean>;
  /** Running flows with a task that may begin as far as time is concerned, oldest first; and when the next retry is due. */
  startable(limit: number): Promise<{ readonly flowIds: readonly string[]; readonly nextAt: Instant | null }>;

  /**
   * Begins one task: claims its task of the queue, writes the intent of its session, and turns it `running`. Of the tasks
   * that may begin the first by priority and age for which there is room. Ends the flow where its deadline has passed or
   * its budget is used up. Null: nothing may begin now.
   */
  begin(request: BeginRequest): Promise<BegunTask | null>;
  /**
   * The attempt is over: its session is concluded, the task of the queue given back, and everything settled that follows.
   * `ending`: null for a session that was ended already. `lost`: the term is stale; nothing is changed. With `next` what
   * may begin of the flow then begins in the same transaction: what is on the disk once is not waited for twice.
   */
  conclude(
    lease: LeaseKey,
    sessionId: string,
    outcome: AttemptOutcome,
    ending: Ending | null,
    next?: NextRequest,
  ): Promise<ConcludedTask | Lost>;

  /** New tasks of a flow that has not ended. They may need any task there is; new judges judge new tasks. */
  add(flowId: string, tasks: readonly FlowTaskSpec[], actor: string): Promise<FlowAnswer>;
  /** Of a task that has not begun. The caller has checked the task as it then is. */
  update(flowId: string, taskId: string, change: FlowTaskChange, actor: string): Promise<FlowAnswer>;
  cancelTask(flowId: string, taskId: string, actor: string, reason?: string): Promise<FlowAnswer>;
  cancel(flowId: string, actor: string): Promise<FlowAnswer>;
  stop(flowId: string, mode: FlowStopMode, actor: string): Promise<FlowAnswer>;
  pause(flowId: string, actor: string): Promise<FlowAnswer>;
  resume(flowId: string, actor: string): Promise<FlowAnswer>;
  /** A task that ended otherwise than well, its judge, and what ended because of it; the flow goes on, also from its end. */
  retryTask(flowId: string, taskId: string, actor: string): Promise<FlowAnswer>;
  /** `flowId`: of whom the answer comes; a decision of another flow is refused. Null: a person, who names the decision. */
  decide(answer: GivenAnswer): Promise<FlowAnswer>;
  /** Answers decisions whose time is over, and ends flows whose deadline has passed. At most `limit` of each. */
  expire(limit?: number): Promise<{ readonly decisions: number; readonly flows: number }>;

  /** After the clock was put back: no retry waits longer than the longest pause of its plan. Answers how many did. */
  shortenPauses(actor: string): Promise<number>;

  /** Where the inbox was read up to; null: there is no such flow. */
  cursor(flowId: string): Promise<InboxCursor | null>;
  /** One whole line of the inbox, applied or refused exactly once, in the transaction that moves the cursor past it. */
  applyLine(keeper: LeaseKey, line: InboxLine): Promise<LineAnswer | Lost>;
  /**
   * Messages after the last one that `told` finds in the file (null: after the last one that was noted), handed to `append`.
   * Both are called while the store's write lock is held and the keeper's lease is known to be good: a keeper that lost it
   * can neither mend the file nor append. They are synchronous; what they throw is thrown here, and nothing is noted.
   * `lastSeq`: the number of the flow's newest message.
   */
  writeOut(request: {
    readonly keeper: LeaseKey;
    readonly flowId: string;
    readonly limit: number;
    readonly told: (lastSeq: number) => number | null;
    readonly append: (messages: readonly FlowMessage[]) => void;
  }): Promise<{ readonly written: number; readonly lastSeq: number } | Lost>;
  /**
   * Of a flow that is over: `flow.callback`. The delivery is `<flow id>-<finishedAt>`; of another end of the flow nothing
   * is noted, nor by who does not keep it any more: `lost`.
   */
  noteCallback(keeper: LeaseKey, flowId: string, note: FlowCallbackNote): Promise<"applied" | Lost>;
  /**
   * The flow is over, its last message is in the file, and nothing more is to come of its callback: the keeper's task
   * ends. `not-over`: it goes on, there are more messages, or the callback was not told yet.
   */
  markDone(keeper: LeaseKey, flowId: string): Promise<"applied" | "not-over" | Lost>;
}

export interface FlowSubmission {
  readonly id: string;
  readonly folder: string;
  readonly submittedBy: string;
}

export interface FlowTaskFilter {
  readonly ids?: readonly string[];
  readonly states?: readonly FlowTaskState[];
  readonly afterPosition?: number;
  readonly limit?: number;
}

export type FlowCounts = { readonly [state in FlowTaskState]: number } & { readonly total: number };

export interface BeginRequest {
  /** Where the first that may begin is of another worker nothing begins. */
  readonly only?: readonly string[];
  readonly flowId: string;
  readonly owner: string;
  readonly leaseMs: Millis;
  readonly session: FlowSession;
  /** Beside `flow:<id>` and `group:<name>`, which are always taken and counted. */
  readonly slots?: readonly string[];
  readonly within?: readonly SlotLimit[];
  /** Workers for which there is no room now, whatever the reason. */
  readonly exceptWorkers?: readonly string[];
  /**
   * What the attempt of this task takes and says beyond that, or why it cannot begin now, which is noted with the task;
   * pure: it may be asked of several tasks, and again.
   */
  readonly takes?: (task: FlowTask, flow: Flow) => TaskTakes | TaskWaits;
}

export interface TaskTakes {
  readonly slots?: readonly string[];
  readonly within?: readonly SlotLimit[];
  readonly session?: Partial<Omit<FlowSession, "id">>;
}

/** Null: it is not known yet, and asked again. `until`: nobody asks before then; null: it may begin elsewhere, or at any moment. */
export interface TaskWaits {
  readonly waits: { readonly reason: string; readonly summary: string; readonly until: Instant | null } | null;
}

/** As many begin as there are sessions for, at most, and none before one of another worker whose turn it is. */
export type NextRequest = Omit<BeginRequest, "flowId" | "session"> & {
  readonly sessions: readonly FlowSession[];
  readonly only: readonly string[];
};

export interface ConcludedTask {
  readonly task: FlowTask;
  readonly flow: Flow;
  /** What of the flow has begun with it. */
  readonly begun: readonly BegunTask[];
}

export type FlowSession = Pick<NewSession, "id"> &
  Partial<
    Pick<NewSession, "model" | "account" | "pool" | "worktreePath" | "branch" | "startSha" | "conversation" | "resumes">
  >;

export interface BegunTask {
  readonly flow: Flow;
  readonly task: FlowTask;
  readonly lease: Lease;
  readonly session: Session;
  /** Attempts of this round that count, this one included. */
  readonly tries: number;
}

/** A code and one line for people; expected refusals are no errors. */
export type FlowAnswer =
  | { readonly kind: "applied" }
  | { readonly kind: "refused"; readonly reason: FlowRefusal; readonly summary: string };

export type FlowRefusal =
  | "unknown-flow"
  | "unknown-task"
  | "flow-over"
  | "flow-ending"
  | "flow-not-running"
  | "flow-not-paused"
  | "task-over"
  | "task-begun"
  | "task-not-over"
  | "task-tolerated"
  | "needs-failed"
  | "bad-task"
  | "unknown-decision"
  | "foreign-decision"
  | "already-answered"
  | "decision-expired"
  | "decision-void"
  | "unknown-answer";

export interface GivenAnswer {
  readonly flowId: string | null;
  readonly ref: string;
  readonly answer: string;
  readonly by: string;
  /** Told to the next round. */
  readonly comment?: string | null;
}

export interface InboxCursor {
  /** Null: nothing was read yet. */
  readonly fileId: string | null;
  readonly offset: number;
  /** Of the last line that was read. */
  readonly lineNumber: number;
  /** The highest number of a message that was noted as written. */
  readonly writtenSeq: number;
}

export interface InboxLine {
  readonly flowId: string;
  /** Where the cursor stood when the line was found; anywhere else now, the line is not applied. */
  readonly after: Pick<InboxCursor, "fileId" | "offset">;
  /** What its file is known by once the line is dealt with. */
  readonly fileId: string;
  /** Where it begins. */
  readonly offset: number;
  readonly nextOffset: number;
  readonly lineNumber: number;
  /** What it says, or what is wrong with it. */
  readonly said: ReadyFlowCommand | { readonly problem: string; readonly fix?: string };
}

/** `elsewhere`: the cursor stands at another place; the line was read already, or lines before it were not. */
export type LineAnswer =
  | FlowAnswer
  | { readonly kind: "malformed" }
  | { readonly kind: "repeat" }
  | { readonly kind: "blank" }
  | { readonly kind: "elsewhere"; readonly cursor: InboxCursor };
