import type { FlowState, FlowTaskState } from "../../domain/flow.ts";
import type { FlowMessageType } from "../../domain/flow-mailbox.ts";
import type { Json } from "../../domain/json.ts";

/** Tasks of a flow by their states, and how many there are. */
type Counts = { readonly [state in FlowTaskState]: number } & { readonly total: number };

interface AttemptFields {
  /** Of the last attempt; 0: it never began. */
  readonly attempt: number;
  readonly round: number;
  /** From the task's first beginning to its end. */
  readonly durationMs?: number;
  readonly result?: Json;
}

/** What a line of the outbox has next to `seq`, `at`, `type`, `flow` and `task`. What is not there is left out, never null. */
export interface MessageBodies {
  readonly TASK_STARTED: {
    readonly attempt: number;
    readonly round: number;
    readonly worker: string;
    readonly folder: string;
    readonly session: string;
  };
  readonly PROGRESS: {
    /** One line for people. */
    readonly text: string;
    readonly state?: FlowTaskState | FlowState | "retried";
    /** A code. */
    readonly reason?: string;
    readonly round?: number;
    /** What the judge said. */
    readonly feedback?: string;
    /** Of a retry: it is not begun before. ISO 8601. */
    readonly until?: string;
    /** How much of the flow is over. */
    readonly percent?: number;
    readonly counts?: Counts;
  };
  readonly TASK_DONE: AttemptFields & {
    readonly summary?: string;
    /** Why it counts as done, where that was not its own doing; a code. */
    readonly reason?: string;
    /** Names of its outputs, with where they are kept. */
    readonly outputs?: Readonly<Record<string, string>>;
  };
  readonly TASK_FAILED: AttemptFields & {
    readonly state: "failed" | "skipped" | "cancelled";
    /** A code. */
    readonly reason: string;
    readonly summary: string;
  };
  readonly DECISION_NEEDED: {
    readonly ref: string;
    readonly question: string;
    readonly options: readonly string[];
    /** ISO 8601; answered with `fallback` by itself then. */
    readonly expiresAt?: string;
    readonly fallback?: string;
  };
  readonly ERROR: {
    /** Of the inbox. */
    readonly line?: number;
    readonly command?: string;
    /** The `id` of the command's own. */
    readonly commandId?: string;
    readonly code: string;
    readonly reason: string;
    readonly fix: string;
  };
  readonly ALL_DONE: {
    readonly state: FlowState;
    /** A code. */
    readonly reason?: string;
    readonly counts: Counts;
    /** Since it was submitted. */
    readonly durationMs: number;
  };
}

/** The names of these fields, in the order of docs/flows.md; a question mark: not always. */
export const messageFields = {
  TASK_STARTED: ["attempt", "round", "worker", "folder", "session"],
  PROGRESS: ["text", "state?", "reason?", "round?", "feedback?", "until?", "percent?", "counts?"],
  TASK_DONE: ["attempt", "round", "summary?", "reason?", "result?", "outputs?", "durationMs?"],
  TASK_FAILED: ["attempt", "round", "state", "reason", "summary", "result?", "durationMs?"],
  DECISION_NEEDED: ["ref", "question", "options", "expiresAt?", "fallback?"],
  ERROR: ["line?", "command?", "commandId?", "code", "reason", "fix"],
  ALL_DONE: ["state", "reason?", "counts", "durationMs"],
} as const satisfies { readonly [T in FlowMessageType]: readonly FieldName<MessageBodies[T]>[] };

type FieldName<B> = { [K in keyof B]-?: undefined extends B[K] ? `${K & string}?` : K & string }[keyof B];

/** A message before it is numbered. */
export type NewMessage = {
  readonly [T in FlowMessageType]: {
    readonly type: T;
    readonly taskId: string | null;
    readonly body: MessageBodies[T];
  };
}[FlowMessageType];
