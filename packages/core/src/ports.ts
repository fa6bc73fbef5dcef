import type { Json } from "./domain/json.ts";
import type { OutboxRow } from "./domain/outbox.ts";
import type { ProcessMark } from "./domain/session.ts";
import type { Instant, Millis } from "./domain/time.ts";
import type { Issue, PermissionLevel, Presence, PullRequest } from "./domain/work-item.ts";

/** Time. Production reads the system clock; tests turn the hands. */
export interface Clock {
  now(): Instant;
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
}

/** Structured log: constant message, fields for the rest. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What a forge shows of one repository. Reads are conditional; a list is complete or the call throws `ForgeError`. */
export interface WorkSource {
  repository(): Promise<{ readonly defaultBranch: string; readonly canPush: boolean }>;
  openIssues(label: string): Promise<readonly Issue[]>;
  openPullRequests(): Promise<readonly PullRequest[]>;
  issue(number: number): Promise<Presence<Issue>>;
  /** Who put `label` on the issue last; absent when it is not on it. */
  labelActor(number: number, label: string): Promise<Presence<string>>;
  permission(login: string): Promise<PermissionLevel>;
  /** `kind:number` of what a branch head on the forge is; absent when there is no such branch. */
  branchHead(branch: string): Promise<Presence<string>>;
}

/**
 * Why a forge call did not do what was asked, by what the caller should do.
 * `rate-limited`: nobody calls before `resumeAt`. `unreachable`: try again later; the write may have been applied when
 * `maybeApplied`. `refused`: a definite no (token, permission, validation); `gone`: the thing is not there.
 */
export type ForgeFailure = "rate-limited" | "unreachable" | "refused" | "gone";

export class ForgeError extends Error {
  constructor(
    readonly failure: ForgeFailure,
    message: string,
    readonly details: {
      readonly status?: number;
      readonly resumeAt?: Instant;
      readonly maybeApplied?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = "ForgeError";
  }
}

/** Delivers one outbox row. `settle` reads the forge: the result when the write is there, null when it is confirmed not to be. */
export interface Deliverer {
  deliver(row: OutboxRow, needed: Json): Promise<Json>;
  settle(row: OutboxRow, needed: Json): Promise<Json | null>;
}

/** Processes seen from outside: is this very one alive, end it, and what carries a session's mark. */
export interface Processes {
  isAlive(mark: ProcessMark): boolean;
  mark(pid: number): ProcessMark | null;
}
