import type { Json } from "./json.ts";
import type { NamedLimit } from "./provider.ts";
import type { FailureReason } from "./reason.ts";
import type { Conversation, Resumption } from "./resumption.ts";
import type { BudgetStop, CostKind, SessionSpend } from "./spend.ts";
import type { Instant, Millis } from "./time.ts";

/**
 * One supervised process tree in one worktree, serving one attempt.
 *
 *     intended -> running -> ended -> concluded
 *         |                   ^
 *         +-------------------+   never started, or lost before it said so
 *
 * `intended` is written before anything is started, so that a crash leaves a row to look for; `ended` means the
 * process tree is gone and reconcile has not concluded yet.
 */
export const sessionStates = ["intended", "running", "ended", "concluded"] as const;
export type SessionState = (typeof sessionStates)[number];

/** Every legal step; the store refuses others, and docs/state-machine.md is checked against this table. */
export const sessionSteps: { readonly [from in SessionState]: readonly SessionState[] } = {
  intended: ["running", "ended"],
  running: ["ended"],
  ended: ["concluded"],
  concluded: [],
};

/** `agent` runs a backend in a worktree; `verify` runs the profile's checks on one SHA in a clean checkout. */
export const sessionKinds = ["agent", "verify"] as const;
export type SessionKind = (typeof sessionKinds)[number];

/**
 * Why a session ended. The first reason recorded wins.
 * `finished`: ended by itself with a good terminal event; `failed`: ended by itself without one; `stalled`: alive
 * with no sign of progress; `timed-out`: over its wall clock; `stopped`: ended on request; `killed`: ended by a
 * signal that was not ours; `lost`: its wrapper vanished or its lease was taken.
 */
export const exitReasons = ["finished", "failed", "stalled", "timed-out", "stopped", "killed", "lost"] as const;
export type ExitReason = (typeof exitReasons)[number];

/** Tokens and money as the backend's own stream reported them; absent where it does not say. */
export interface Usage {
  /** Without those read from a cache, which are counted beside them. */
  readonly inputTokens?: number;
  readonly cachedInputTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
}

/** What the wrapper saw at the end of a session; written to `ending.json` and to the session row. */
export interface Ending {
  readonly exitReason: ExitReason;
  /** One of the reason codes when the backend's structured evidence names one, for example `provider-quota-limit`. */
  readonly failureReason: FailureReason | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  /** The backend's own id of the conversation, for resuming. */
  readonly nativeSessionId: string | null;
  readonly usage: Usage;
  /** Where the money in it is known from; absent: it is not, or the version that wrote this did not say. */
  readonly costKind?: CostKind;
  /** Of a session that one of our limits on spending ended. */
  readonly budget?: BudgetStop;
  /** When the provider said its limit ends. */
  readonly retryAt: Instant | null;
  /** Where that was read; absent: in a field. */
  readonly retrySource?: "structured" | "text";
  /** Which of the provider's limits it was; absent: it did not say. */
  readonly limit?: NamedLimit;
  /** One line for people. */
  readonly summary: string;
  /** Processes that had to be killed after the main process ended, and those that survived everything (must be 0). */
  readonly processes: { readonly killed: number; readonly survivors: number };
}

/** A process that may outlive us: a pid means nothing without its start time. */
export interface ProcessMark {
  readonly pid: number;
  /** Opaque start stamp of the process (Linux: clock ticks since boot with the boot id). */
  readonly startedMark: string;
}

export interface Session {
  /** Ours, for example `s12-0a1b2c3d`; also the run folder's and the worktree's name. */
  readonly id: string;
  readonly profileId: string;
  readonly taskId: number;
  /** The term of the lease this session works under. */
  readonly term: number;
  readonly attempt: number;
  readonly kind: SessionKind;
  readonly subject: string;
  readonly lane: string;
  readonly backend: string;
  /** As it was asked for. Null: the backend's own choice, and of sessions of earlier versions. */
  readonly model: string | null;
  /** As the program names it: the whole name of an alias, or its own choice. Null: it has not said, or what was asked for. */
  readonly servedModel?: string | null;
  /** In whose name it speaks with its provider. */
  readonly account: string;
  /** The entry of the profile's `execution.pools` it was given; null for none. */
  readonly pool: string | null;
  readonly state: SessionState;
  readonly wrapper: ProcessMark | null;
  readonly runDir: string;
  readonly worktreePath: string;
  readonly branch: string;
  /**
   * The commit the work is counted from (agent), or the commit under test (verify). A worktree that was given the work
   * of an earlier attempt starts at that work, and is counted from where the earlier attempt was.
   */
  readonly startSha: string;
  readonly intendedAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly concludedAt: Instant | null;
  readonly ending: Ending | null;
  readonly outcome: string | null;
  /** Evidence collected by reconcile: head SHA, changed files, verification result. */
  readonly evidence: Json;
  /** The backend's conversation it speaks in; null where none is kept, and of sessions of earlier versions. */
  readonly conversation: Conversation | null;
  /** The earlier session it follows; null for the first of its work. */
  readonly resumes: Resumption | null;
  /** What it has spent so far, while it runs too; null or absent: nothing was reported. */
  readonly spend?: SessionSpend | null;
}

export interface SessionLimits {
  /** From the start until the first sign of life. */
  readonly startupMs: Millis;
  /** Without any sign of progress. */
  readonly stallMs: Millis;
  /** How long a tool call that has begun and not ended counts as progress; left out: not at all. */
  readonly toolMs?: Millis;
  readonly wallClockMs: Millis;
  /** Between asking a process to end and killing its tree. */
  readonly graceMs: Millis;
}
