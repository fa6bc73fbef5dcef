import type { Delta } from "./domain/delta.ts";
import type { ContractReading, VerificationReport, WorkEvidence } from "./domain/evidence.ts";
import type { Json } from "./domain/json.ts";
import type { DeadLetterCode, OutboxRow } from "./domain/outbox.ts";
import type { Annotation, Check, IssueReading, PullRequestPart, PullRequestReading } from "./domain/reading.ts";
import type { ResumeFindings } from "./domain/resumption.ts";
import type { ChangedRange } from "./domain/review.ts";
import type { Ending, ProcessMark, Session } from "./domain/session.ts";
import type { SessionBudget } from "./domain/spend.ts";
import type { Task } from "./domain/task.ts";
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
  pullRequest(number: number): Promise<Presence<PullRequest>>;
  /**
   * Timeline, last edit of the body, blockers: at most three requests, of which unchanged ones are free, but for the
   * last edit. That is taken from `ofSameText`, a reading made of the very text the issue has now.
   */
  readIssue(issue: Issue, ofSameText?: Pick<IssueReading, "edit">): Promise<IssueReading>;
  /**
   * Everything (at most five requests), or what moves without the pull request itself changing: its checks, or its
   * mergeability; of one part the rest is taken from `before`, which must be of the same head. `merge-state-anew` is
   * metered: checks move mergeability, and the forge may answer "not changed" all the same.
   */
  readPullRequest(
    pullRequest: PullRequest,
    part:
      | { readonly kind: "all" }
      | { readonly kind: Exclude<PullRequestPart, "all">; readonly before: PullRequestReading },
  ): Promise<PullRequestReading>;
  /**
   * The checks of a commit. One list is asked for, which is free while nothing changed; of the other kind those in
   * `before`, which must be of the same commit, stand.
   */
  checksOf(sha: string, part: "check-runs" | "statuses", before: readonly Check[]): Promise<readonly Check[]>;
  /** What a job of a workflow run printed, at most its last `maxLength` characters; null: the forge has no log of it. */
  jobLog(jobId: number, maxLength: number): Promise<string | null>;
  /** What a check run marked in the code, at most the first hundred; none of a run that is not there. One request. */
  annotations(checkRunId: number): Promise<readonly Annotation[]>;
  /** Our own login; null for credentials that name no account. Asked once. */
  selfLogin(): Promise<string | null>;
  /** The names of the repository's labels. */
  labelNames(): Promise<readonly string[]>;
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
      /** Of a definite no: what the outbox calls it, where that is more than `gone` or `refused`. */
      readonly code?: DeadLetterCode;
      /** Of `rate-limited`: our own pace of writes, in words; nothing was sent. */
      readonly paced?: string;
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

/** The managed git of one profile: a bare anchor, session worktrees, verification checkouts. */
export interface Worktrees {
  /** Brings the default branch up to date in the anchor and names its head. */
  fetchBase(): Promise<{ readonly sha: string; readonly branch: string }>;
  /** Brings another branch of the remote up to date in the anchor and names its head; null: there is no such branch. */
  fetchBranch(branch: string): Promise<{ readonly sha: string } | null>;
  /** Whether `descendantSha` has `ancestorSha` in its history, or is it. Both must be in the anchor. */
  isAncestor(ancestorSha: string, descendantSha: string): Promise<boolean>;
  /** The lines of `toSha` that are not as they were in `fromSha`; null: too many to say. Both must be in the anchor. */
  changedLines(of: { readonly fromSha: string; readonly toSha: string }): Promise<readonly ChangedRange[] | null>;
  /** The paths that conflict when the two commits are merged; empty: they merge cleanly. Nothing is kept of the try. */
  conflicts(sha: string, otherSha: string): Promise<readonly string[]>;
  /** The branch pull requests go to: the profile's, or the one the forge calls default. */
  baseBranch(): Promise<string>;
  /** The sessions of which there is a folder, whole or half made. */
  onDisk(): Promise<readonly string[]>;
  /** Where the worktree of a session will be; nothing is made. */
  pathFor(sessionId: string): string;
  /**
   * The worktree of a session, on `branch` at `sha`. With `base` it also knows `origin/<base.branch>` at that commit,
   * so that an agent can compare with it and merge it; there is no remote to fetch from. Files of a retired
   * worktree are used again only between sessions of equal `trust`; none given is a trust of its own.
   */
  create(worktree: {
    readonly sessionId: string;
    readonly branch: string;
    readonly sha: string;
    readonly base?: { readonly branch: string; readonly sha: string };
    readonly trust?: string;
  }): Promise<void>;
  /** A clean checkout of one commit, for verification. */
  createCheckout(checkout: { readonly sessionId: string; readonly sha: string }): Promise<void>;
  /**
   * Imports what a session left: its head, and what it did not commit as a commit of ours on top. When
   * `mayPublish` says no to the message of one of its commits, all of its work becomes one commit of ours on the start.
   * Safe to repeat: the tree is the same each time. The commit stays reachable in the anchor until `forget`. Of a
   * worktree that is gone it is what was found before, when all of it was taken; null when it was not. With `baseSha`
   * (it must be in the anchor) what the agent merged of it counts as the forge's own: the messages of its commits are
   * not asked about, and a commit of ours that takes the place of the agent's keeps the merge.
   */
  collect(work: {
    readonly sessionId: string;
    /** Where the session's commits have to be. */
    readonly branch: string;
    readonly startSha: string;
    readonly baseSha?: string;
    /** Of a commit of ours. */
    readonly message: string;
    readonly mayPublish: (message: string) => boolean | Promise<boolean>;
  }): Promise<WorkEvidence | null>;
  /** What `collect` found before, for a commit that is in the anchor already. */
  describe(work: {
    readonly startSha: string;
    readonly headSha: string;
    readonly baseSha?: string;
  }): Promise<WorkEvidence>;
  /** The same work line by line; with `baseSha` (as in `collect`) less what was merged of it. */
  delta(work: { readonly startSha: string; readonly headSha: string; readonly baseSha?: string }): Promise<Delta>;
  /**
   * Removes a session's worktree; what would be lost goes to a rescue ref first, and of an `abandoned` session also
   * what was collected. Safe to repeat.
   */
  retire(sessionId: string, of: { readonly abandoned: boolean }): Promise<{ readonly rescueRef: string | null }>;
}

/** What looks like a secret in a text: the shapes of well-known tokens and keys, and every value that is secret here. */
export interface SecretScanner {
  /** Places do not come in order and may overlap. `kind`: what it is, for people; the secret does not stand in it. */
  find(text: string): Promise<readonly { readonly start: number; readonly end: number; readonly kind: string }[]>;
}

export interface JobLog {
  /** Of the check. */
  readonly name: string;
  /** Its last lines; empty where there is no log. */
  readonly text: string;
  /** What it marked as wrong in the code, a line each. */
  readonly marks?: string;
}

export interface LaunchFindings {
  /** Paths that conflict when a pull request's head is merged with its base; empty for issues. */
  readonly conflicts: readonly string[];
  /** Of a repair of failed checks: the last lines that their jobs printed, without secrets; absent: none is known. */
  readonly logs?: readonly JobLog[];
  /** Of a session that follows another; absent or null: it is told of nothing but its task. */
  readonly resume?: ResumeFindings | null;
  /** What the session may spend; absent: as much as it likes. */
  readonly budget?: SessionBudget;
}

/** What backends keep of their conversations, on this host. A conversation has the id of its first session. */
export interface Conversations {
  /** Whether a backend can go on with a conversation at all, and the model that it would do this work with. */
  speaker(
    backend: string,
    task: Pick<Task, "lane" | "payload">,
  ): { readonly keepsConversations: boolean; readonly model: string | null };
  /** Whether its state is there and of sensible size. */
  isThere(id: string, backend: string): Promise<boolean>;
  list(): Promise<readonly string[]>;
  /** Safe to repeat. No session may speak in it. */
  forget(id: string): Promise<void>;
}

/** Starting, watching and ending the processes of sessions. */
export interface SessionRunner {
  /** `found`: what the host saw of the start, for the prompt. */
  launchAgent(session: Session, task: Task, found?: LaunchFindings): Promise<void>;
  /** `changed`: the paths of the work under test; some checks are for certain paths only. */
  launchVerification(session: Session, ofSession: Session, changed: readonly string[]): Promise<void>;
  /** The wrapper as it wrote itself down; null when it never came that far. */
  wrapperOf(session: Session): ProcessMark | null;
  isAlive(wrapper: ProcessMark): boolean;
  ending(session: Session): Ending | null;
  /** When a running session's agent last got on with its work, by its own stream; null when that is not known. */
  progressAt?(session: Session): Instant | null;
  /** The id of its backend's conversation, of a session whose wrapper left no ending; null when it never said it. */
  nativeSessionId?(session: Session): string | null;
  contract(session: Session): ContractReading;
  verification(session: Session): VerificationReport | null;
  /** Keeps what a session's conclusion rests on with its other files. */
  keepEvidence(session: Session, evidence: Json): void;
  /** Asks a live wrapper to end its session. */
  stop(session: Session): void;
  /** Ends whatever still carries the session's mark after its wrapper died, and proves it. A live wrapper is left alone. */
  reap(session: Session): Promise<{ readonly killed: number; readonly survivors: number } | "wrapper-alive">;
}

/** The run folders of one profile's sessions: those that run, and the history of those that are over. */
export interface RunArchive {
  /** Moves the folder to the history, without what only the session needed; answers where it is. Safe to repeat. */
  archive(session: Pick<Session, "id" | "runDir">): Promise<string>;
  /**
   * Removes folders of the history: the oldest first, until all that are left are younger than `before`, no more than
   * `mostCount` and no larger than `mostBytes` together; and of those beside it that `isKnown` does not know, the ones
   * older than `before`. Answers how many went, what is left, and why some could not be removed.
   */
  prune(bounds: {
    readonly before: Instant;
    readonly mostCount: number;
    readonly mostBytes: number;
    readonly isKnown: (sessionId: string) => Promise<boolean>;
    /** Only counts. */
    readonly isDry?: boolean;
  }): Promise<{
    readonly removed: number;
    readonly left: number;
    readonly leftBytes: number;
    readonly failed: readonly string[];
  }>;
}
