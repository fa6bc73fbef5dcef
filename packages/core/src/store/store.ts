import type { BrokenBase } from "../domain/broken-base.ts";
import type { LoggedEvent, NewEvent } from "../domain/event.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { NewOutboxRow, OutboxRow, OutboxState } from "../domain/outbox.ts";
import type { Provider, Quota, QuotaKey } from "../domain/provider.ts";
import type { Permission, StoredReading } from "../domain/reading.ts";
import type { Conversation, Resumption } from "../domain/resumption.ts";
import type { Ending, ExitReason, ProcessMark, Session, SessionKind, SessionState } from "../domain/session.ts";
import type { Amount, BudgetRaise, ItemSpend, SessionSpend } from "../domain/spend.ts";
import type { Claim, Lease, LeaseKey, NewTask, Release, RenewedLease, Task, TaskState } from "../domain/task.ts";
import type { Instant, Millis } from "../domain/time.ts";
import type { RunState } from "../ports.ts";
import type { FlowStore } from "./flows/flow-store.ts";
import type { RestBounds } from "./table-rules.ts";

/**
 * The durable state. Every method is one transaction; none leaves half an operation behind. A write that names a
 * lease answers `lost` when the term is not the task's present term: losing is normal and never throws.
 * Asynchronous so that PostgreSQL can serve it too.
 */
export interface Store {
  readonly tasks: TaskStore;
  readonly sessions: SessionStore;
  readonly outbox: OutboxStore;
  readonly events: EventStore;
  readonly cooldowns: CooldownStore;
  readonly quotas: QuotaStore;
  readonly pace: PaceStore;
  readonly spend: SpendStore;
  readonly forgeCache: ForgeCacheStore;
  readonly readings: ReadingStore;
  readonly permissions: PermissionStore;
  readonly pauses: PauseStore;
  readonly baselines: BaselineStore;
  readonly brokenBases: BrokenBaseStore;
  readonly decisions: DecisionStore;
  readonly worktrees: WorktreeStore;
  readonly runtimes: RuntimeStore;
  readonly flows: FlowStore;
  readonly retention: RetentionStore;
  readonly maintenance: StoreMaintenance;
  close(): Promise<void>;
}

export type * from "./flows/flow-store.ts";
export type { RestBounds };

export type Lost = "lost";

export interface TaskStore {
  enqueue(task: NewTask, actor: string): Promise<{ readonly task: Task; readonly created: boolean }>;
  /**
   * Claims one task: the named one, or the first by priority and age in the queues. In one transaction the task turns
   * `running`, its term grows by one, its attempts grow by one, the lease row is written, and `outbox` rows are saved.
   * `null` when there is nothing to claim, when another task of the same queue and (non-empty) subject is running, and
   * when a slot of `within` is full.
   */
  claim(request: ClaimRequest): Promise<Claim | null>;
  /** Extends the lease to now + leaseMs. `lost` when the term is stale or the lease expired and was recovered. */
  heartbeat(lease: LeaseKey, leaseMs: Millis): Promise<RenewedLease | Lost>;
  /**
   * Takes a lease over from its own past: the work's session ended, its holder is gone, and reconcile goes on under a
   * new term. Applied only when the task is running at exactly `term` and the lease is handed over (see
   * `SessionStore.end`) or expired.
   */
  adopt(lease: LeaseKey, owner: string, leaseMs: Millis): Promise<Lease | Lost>;
  /** Ends the lease and moves the task on; conclusions of sessions and outbox rows go with it, in one transaction. */
  release(lease: LeaseKey, release: Release, extras: ReleaseExtras): Promise<Task | Lost>;
  /**
   * Puts back (or dead-letters past its attempts) every running task whose lease expired *and* whose last heartbeat is
   * older than `missingHeartbeatMs`. Tasks with a session that is not concluded are left to reconcile.
   */
  recoverStale(request: {
    readonly actor: string;
    readonly missingHeartbeatMs: Millis;
    readonly limit?: number;
  }): Promise<StaleRecovery>;
  /**
   * Queued: cancelled at once. Running: asks its holder to stop (heartbeat says so). Finished: unchanged. Of a flow: as
   * `flows.cancelTask`.
   */
  cancel(taskId: number, actor: string, reason: string): Promise<Task | null>;
  /** Changes what a task that has not started will do; `null` when it is not scheduled or queued any more. */
  update(
    taskId: number,
    change: { readonly priority?: number; readonly payload?: Json; readonly runAt?: Instant },
    actor: string,
  ): Promise<Task | null>;
  get(taskId: number): Promise<Task | null>;
  lease(taskId: number): Promise<Lease | null>;
  /** The tries so far, oldest first: one per session, and one per failed or lost try without a session. */
  attempts(taskId: number): Promise<readonly Attempt[]>;
  /** Oldest first; a limit keeps the newest. */
  list(filter: {
    readonly ids?: readonly number[];
    readonly queue?: string;
    readonly states?: readonly TaskState[];
    readonly subject?: string;
    readonly limit?: number;
  }): Promise<readonly Task[]>;
  /** Of each key, the newest task ever made for it, whatever became of it. */
  latestByDedupeKeys(keys: readonly string[]): Promise<readonly Task[]>;
  /** Of each subject and lane, the newest ended task. */
  history(queue: string, subjects: readonly string[]): Promise<readonly SubjectHistory[]>;
  /** How many running tasks hold each slot. */
  slotsHeld(): Promise<ReadonlyMap<string, number>>;
  /** Those of flows left out: a flow's task is retried by its flow. */
  deadLetters(filter?: { readonly queue?: string; readonly limit?: number }): Promise<readonly Task[]>;
  /** Back to queued with its attempts at zero; `null` when it is not a dead letter (or a live task has its key). */
  replayDeadLetter(taskId: number, actor: string): Promise<Task | null>;
}

export interface ClaimRequest {
  /** Queues to look in, in no order; ignored with `taskId`. */
  readonly queues: readonly string[];
  readonly owner: string;
  readonly leaseMs: Millis;
  readonly taskId?: number;
  readonly outbox?: readonly NewOutboxRow[];
  /** What the task holds one of for as long as it runs, for example `host`, `profile:demo`, `provider:claude`. */
  readonly slots?: readonly string[];
  /** Counted in the claim's own transaction, so that no number of runtimes together goes over a limit. */
  readonly within?: readonly SlotLimit[];
}

/** Refused while `max` or more running tasks hold this slot. */
export interface SlotLimit {
  readonly slot: string;
  readonly max: number;
}

export interface ReleaseExtras {
  readonly actor: string;
  readonly outbox?: readonly NewOutboxRow[];
  /** Ended sessions of this task that this release concludes. */
  readonly concludes?: readonly { readonly sessionId: string; readonly outcome: string; readonly evidence: Json }[];
}

export interface SubjectHistory {
  readonly subject: string;
  readonly lane: string;
  readonly newest: Task;
}

export interface StaleRecovery {
  readonly requeued: readonly Task[];
  readonly dead: readonly Task[];
  /** Somebody had asked them to stop. */
  readonly cancelled: readonly Task[];
}

export interface Attempt {
  readonly taskId: number;
  readonly attempt: number;
  readonly term: number;
  readonly sessionId: string | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly exitReason: ExitReason | null;
  /** Reason code of the release that concluded it; null when it succeeded. */
  readonly reason: string | null;
  readonly summary: string | null;
}

export interface SessionStore {
  /** Writes the intent under a live lease, before anything is started. */
  intend(lease: LeaseKey, session: NewSession): Promise<Session | Lost>;
  /** The wrapper is up: `intended` -> `running`. */
  start(sessionId: string, term: number, wrapper: ProcessMark): Promise<"applied" | Lost>;
  /**
   * The process tree is gone: -> `ended`, once (the first ending wins, a repeat answers `lost`), and the lease is
   * handed over: it expires now and loses its owner, so that any runtime may adopt it for reconcile and its past holder
   * is `lost`. A lease with another session still running under its term is handed over by the last one. With `only`,
   * a session that has left that state meanwhile is left alone and the answer is `lost`.
   */
  end(
    sessionId: string,
    term: number,
    ending: Ending,
    /** `lost` unless it is still in this state. */
    asSeen?: "intended" | "running",
  ): Promise<"applied" | Lost>;
  get(sessionId: string): Promise<Session | null>;
  list(filter: {
    readonly profileId?: string;
    readonly states?: readonly SessionState[];
    readonly taskId?: number;
    /** Of one profile; ask for both. */
    readonly subject?: string;
    readonly limit?: number;
  }): Promise<readonly Session[]>;
  /** Of each of these tasks: who served its newest session that left a conversation with its backend. */
  lastConversations(taskIds: readonly number[]): Promise<readonly (Provider & { readonly taskId: number })[]>;
}

export interface NewSession {
  readonly id: string;
  readonly profileId: string;
  readonly attempt: number;
  readonly kind: SessionKind;
  readonly subject: string;
  readonly lane: string;
  readonly backend: string;
  /** Default: the backend's own choice. */
  readonly model?: string | null;
  /** Default: the backend's name. */
  readonly account?: string;
  readonly pool?: string | null;
  readonly runDir: string;
  readonly worktreePath: string;
  readonly branch: string;
  readonly startSha: string;
  readonly conversation?: Conversation | null;
  readonly resumes?: Resumption | null;
}

export interface OutboxStore {
  /**
   * Rows outside a task transition, for example a person's command. An idempotency key that is there is skipped. What a
   * new label row says again or takes back of rows that wait before it in its stream is left to it: they are dropped,
   * `overtaken by row N`.
   */
  enqueue(rows: readonly NewOutboxRow[], actor: string, taskId?: number): Promise<readonly OutboxRow[]>;
  /**
   * The next row to deliver, claimed until now + claimMs: pending, due, first of its stream, its needed row sent. Fails
   * rows whose turn it is and whose needed row failed, or which are stale. `null` when nothing is due. Counts as a try. A row whose claim ran out without
   * a verdict comes again, with its `sendStartedAt` when it may have been applied.
   */
  claim(request: {
    readonly owner: string;
    readonly claimMs: Millis;
    readonly profileIds: readonly string[];
  }): Promise<OutboxRow | null>;
  /**
   * Saved before the request leaves; from here on a missing verdict means "maybe applied". `refused`: the row became
   * stale (see `termBoundKinds`) and is failed.
   */
  sendStarts(id: number, owner: string): Promise<"applied" | "refused" | Lost>;
  sent(id: number, owner: string, result: Json): Promise<"applied" | Lost>;
  /** A definite no that may pass: tried again at `nextAt`; `maybeApplied` keeps the row in need of settling. */
  retryLater(
    id: number,
    owner: string,
    error: string,
    nextAt: Instant,
    maybeApplied: boolean,
  ): Promise<"applied" | Lost>;
  /** It has to wait for its turn until `nextAt`, and this was no try. `why` begins with one word, such as `pace`. */
  waits(id: number, owner: string, why: string, nextAt: Instant, maybeApplied: boolean): Promise<"applied" | Lost>;
  /** `maybeApplied` false: nothing of it is on the forge, so it counts as not begun; default true. */
  failed(id: number, owner: string, error: string, maybeApplied?: boolean): Promise<"applied" | Lost>;
  /**
   * A person's words: failed or pending -> due now with its tries at zero, and with it what failed only because it needs
   * this row; or dropped for ever. What is held back (`isWithdrawn`) is not retried: it stays as it is.
   */
  retry(id: number, actor: string): Promise<OutboxRow | null>;
  drop(id: number, actor: string, reason: string): Promise<OutboxRow | null>;
  /**
   * Takes back what a task wanted to publish: its pending pushes and pull requests, and what needs them, unless their
   * sending has begun; `rows` are saved in the same transaction if anything was. Answers how many.
   */
  withdraw(taskId: number, actor: string, why: Withdrawal, rows: readonly NewOutboxRow[]): Promise<number>;
  /**
   * What the forge refused of a task's publishing, and what needs it, is pending again; what was held back is not.
   * `rows` are saved in the same transaction if anything is. Answers how many.
   */
  resend(taskId: number, actor: string, rows: readonly NewOutboxRow[]): Promise<number>;
  /** What was withdrawn as `failed` is pending again. Answers how many. */
  restore(taskId: number, actor: string): Promise<number>;
  /** Drops a pending row whose sending has not begun; `lost` when it has, or the row is not pending. */
  takeBack(id: number, actor: string, reason: string): Promise<"applied" | Lost>;
  /** Every merge ever asked for in these streams, oldest first; `isTakenOut`: a `leave-merge-queue` row needs it. */
  merges(streams: readonly string[]): Promise<readonly (OutboxRow<"merge"> & { readonly isTakenOut: boolean })[]>;
  /** Numbers of the pull requests that a profile opened and whose end was not seen yet, oldest first. */
  unsettledPulls(profileId: string): Promise<readonly number[]>;
  /** All was drawn from the end of this pull request. */
  pullSettled(profileId: string, number: number): Promise<void>;
  get(id: number): Promise<OutboxRow | null>;
  list(filter: {
    readonly profileId?: string;
    readonly states?: readonly OutboxState[];
    /** Rows that need this one. */
    readonly needsId?: number;
    readonly taskId?: number;
    readonly limit?: number;
  }): Promise<readonly OutboxRow[]>;
  counts(profileId: string): Promise<OutboxCounts>;
  /** What stands before each of these rows. */
  standing(ids: readonly number[]): Promise<readonly OutboxStanding[]>;
}

export interface OutboxCounts {
  readonly pending: number;
  /** Dead letters: what is held back is none. */
  readonly failed: number;
  /** Held back because a person acted, or has to approve it. */
  readonly heldBack: number;
}

export interface OutboxStanding {
  readonly id: number;
  /** The first pending row of its stream, when that is an earlier one. */
  readonly behindId: number | null;
  readonly neededState: OutboxState | null;
}

/** `failed`: it is held back and may go on (`restore`); `dropped`: it shall never be sent. */
export interface Withdrawal {
  readonly reason: string;
  readonly state: "failed" | "dropped";
}

export interface EventStore {
  /** A repeat of an idempotency key answers the event that is there. */
  append(event: NewEvent): Promise<LoggedEvent>;
  /** In order of `seq`, after `afterSeq`; at most 1,000 unless `limit` says otherwise. */
  list(filter: {
    readonly afterSeq?: number;
    readonly profileId?: string;
    readonly subject?: string;
    readonly taskId?: number;
    readonly limit?: number;
  }): Promise<readonly LoggedEvent[]>;
  /** The newest `count`, oldest of them first. */
  latest(
    count: number,
    filter?: { readonly profileId?: string; readonly subject?: string },
  ): Promise<readonly LoggedEvent[]>;
}

export interface Cooldown {
  /** `forge:<credential key>`; shared by everything in this store. */
  readonly scope: string;
  readonly until: Instant;
  readonly reason: string;
}

export interface CooldownStore {
  /** Keeps the later of the two ends. */
  set(cooldown: Cooldown, actor: string): Promise<void>;
  clear(scope: string, actor: string): Promise<void>;
  active(): Promise<readonly Cooldown[]>;
}

/** The limits of providers that sessions met. Few rows: one for each account, backend, model and kind of limit. */
export interface QuotaStore {
  /** A limit was met: `next` says from the row that is there what stands there now. It may be called more than once. */
  record(key: QuotaKey, next: (before: Quota | null, now: Instant) => Quota, actor: string): Promise<Quota>;
  /** By scope: those in force, and those that nobody has shown to be over. */
  list(): Promise<readonly Quota[]>;
  /** It is over and was shown to be. False: it is in force again, or gone. */
  proven(scope: string, actor: string): Promise<boolean>;
  /** A person's words: it does not hold any more. Null: there is none of this scope. */
  clear(scope: string, actor: string): Promise<Quota | null>;
}

/** `within`: of which time the answer says what the profile's sessions spent. */
export interface SpendReport {
  readonly sessionId: string;
  readonly term: number;
  readonly spend: SessionSpend & { readonly model?: string | null };
  readonly within: { readonly from: Instant; readonly until: Instant };
}

export interface NewRaise {
  /** With the subject `day`: from when to when that is. */
  readonly day?: { readonly from: Instant; readonly until: Instant };
  readonly profileId: string;
  readonly subject: string;
  /** Null: the profile's own limit once more. */
  readonly usd: number | null;
  readonly tokens: number | null;
  readonly actor: string;
  readonly reason: string;
}

/** `key`: of the limit that was reached, since the item was last raised. */
export interface BudgetReceipt {
  readonly key: string;
  /** What the log calls it; `budget.reached` when left out. */
  readonly event?: string;
  readonly profileId: string;
  readonly subject: string;
  /** For the log. */
  readonly body: JsonObject;
  readonly rows: readonly NewOutboxRow[];
}

/**
 * What was spent. A session reports its running total, never an increment: the largest counts, so that no report counts
 * twice, and what was counted is never taken back.
 */
export interface SpendStore {
  /** Answers what all sessions of the profile spent within that time; `lost` when the term is not the session's. */
  report(report: SpendReport): Promise<Amount | Lost>;
  between(profileId: string, from: Instant, until: Instant): Promise<Amount>;
  /** By subject; of all items, when none is named. Items without a session are not in it. */
  items(profileId: string, subjects?: readonly string[]): Promise<ReadonlyMap<string, ItemSpend>>;
  /** An item may spend as much more, counted from now on. */
  raise(raise: NewRaise): Promise<BudgetRaise>;
  /** Oldest first. */
  raises(profileId: string, subject: string): Promise<readonly BudgetRaise[]>;
  /** Once for each key; `false` when it was said before. */
  tell(receipt: BudgetReceipt, actor: string): Promise<boolean>;
  told(profileId: string): Promise<ReadonlySet<string>>;
}

/** Content writes with one credential in any 60 seconds and in any hour; 0: no limit. */
export interface PaceLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

export interface WriteTurnRequest extends PaceLimits {
  /** `forge:<credential key>`, as of the credential's cooldown. */
  readonly scope: string;
  readonly holder: string;
  /** Longer than the request may take: a turn whose holder died ends with it. */
  readonly holdMs: Millis;
  /** From the end of one write to the begin of the next. */
  readonly gapMs: Millis;
}

/** `turn`: another one writes, and may be done before `until`. `minute`, `hour`: the window is full. */
export type WriteTurn =
  | { readonly kind: "yours" }
  | { readonly kind: "wait"; readonly until: Instant; readonly why: "turn" | "gap" | "minute" | "hour" | "cooldown" };

export interface PacedProfile extends PaceLimits {
  readonly profileId: string;
  readonly scope: string;
}

/** Why nothing of a profile is written before `until`. `cooldown`: the forge asked for it. */
export interface PaceWait {
  readonly profileId: string;
  readonly until: Instant;
  readonly why: "turn" | "gap" | "minute" | "hour" | "cooldown";
}

/**
 * The pace of content writes with one credential, one at a time, over all profiles and processes of this store. Writes
 * are counted for an hour and then forgotten.
 */
export interface PaceStore {
  begin(turn: WriteTurnRequest): Promise<WriteTurn>;
  /** The write is over, whatever came of it. Nothing when the turn was taken by another meanwhile. */
  end(scope: string, holder: string): Promise<void>;
  /** Null: there is room. */
  fullUntil(scope: string, limits: PaceLimits): Promise<Pick<PaceWait, "until" | "why"> | null>;
  /** Who writes with what, for `waits`. */
  register(profile: PacedProfile): Promise<void>;
  waits(): Promise<readonly PaceWait[]>;
}

export interface CachedResponse {
  /** A hash of the credential, never the credential. */
  readonly credentialKey: string;
  readonly url: string;
  readonly etag: string;
  readonly status: number;
  readonly link: string | null;
  readonly body: Json;
  readonly fetchedAt: Instant;
}

export interface ForgeCacheStore {
  get(credentialKey: string, url: string): Promise<CachedResponse | null>;
  put(response: CachedResponse): Promise<void>;
  /** Forgets entries not fetched or confirmed since `before`. */
  prune(before: Instant): Promise<number>;
}

/** What was read of an item beside its list entry; a row goes when the item is closed and all was drawn from it. */
export interface ReadingStore {
  put(profileId: string, subject: string, reading: StoredReading<Json>): Promise<void>;
  list(profileId: string): Promise<readonly { readonly subject: string; readonly stored: StoredReading<Json> }[]>;
  remove(profileId: string, subject: string): Promise<void>;
}

export interface PermissionStore {
  put(profileId: string, permission: Permission): Promise<void>;
  list(profileId: string): Promise<readonly Permission[]>;
}

/** `scope` is a profile's id, or `*` for all of them. */
export interface ProfilePause {
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface PauseStore {
  /** A scope that is paused already keeps its first actor and time, and gets the new reason; `false` then. */
  set(pause: Omit<ProfilePause, "at">): Promise<boolean>;
  /** `false` when it was not paused. */
  clear(scope: string, actor: string): Promise<boolean>;
  list(): Promise<readonly ProfilePause[]>;
}

/** What the profile's checks said of a head of the base branch. */
export interface Baseline {
  readonly profileId: string;
  readonly sha: string;
  readonly passed: boolean;
  readonly summary: string;
  readonly checkedAt: Instant;
}

export interface BaselineStore {
  put(baseline: Omit<Baseline, "checkedAt">, actor: string): Promise<void>;
  get(profileId: string, sha: string): Promise<Baseline | null>;
}

type BrokenBaseKey = Pick<BrokenBase, "profileId" | "branch" | "episode">;

/** Each write answers whether it was made: of several runtimes that want the same, one makes it. */
export interface BrokenBaseStore {
  /** The last one of a branch, open or over; null: it never was broken. */
  newest(profileId: string, branch: string): Promise<BrokenBase | null>;
  /** Begins one with the row that makes its issue, unless it was begun or another one is open. */
  open(
    base: Pick<BrokenBase, "profileId" | "branch" | "episode" | "cause" | "sha">,
    row: NewOutboxRow<"create-issue">,
    actor: string,
  ): Promise<boolean>;
  /** The open one is broken at a later head, too. */
  seenBroken(base: BrokenBaseKey & Pick<BrokenBase, "sha">): Promise<boolean>;
  /** Work that started from this head passed the profile's checks; of no account at a head that was seen broken. */
  seenGreen(base: Pick<BrokenBase, "profileId" | "branch" | "sha">): Promise<boolean>;
  /** It is over; what that asks for is saved with it. */
  close(base: BrokenBaseKey, rows: readonly NewOutboxRow[], actor: string): Promise<boolean>;
}

/** The last word of the deciding function on a candidate. */
export interface StoredDecision {
  readonly profileId: string;
  readonly subject: string;
  readonly lane: string;
  readonly verdict: "launch" | "hold";
  readonly reason: string;
  readonly detail: string;
  /** Place in the line of what waits for room, 1 for the next; null for all others, and far back in the line. */
  readonly place: number | null;
  readonly decidedAt: Instant;
}

export interface DecisionStore {
  /**
   * Replaces what stands for the profile; rows that say the same are not written, changes are logged as events. Another
   * place in the line is no change.
   */
  replace(profileId: string, decisions: readonly StoredDecision[], actor: string): Promise<void>;
  list(profileId: string): Promise<readonly StoredDecision[]>;
  /**
   * By profile: how many candidates only the host's limit keeps from starting, and since when the first of them. Only of
   * profiles for which a runtime works that reported after `servedSince`.
   */
  waitingForHost(
    servedSince: Instant,
  ): Promise<readonly { readonly profileId: string; readonly count: number; readonly since: Instant }[]>;
}

/** `planned` is written before the folder is made; `gone` only after it was seen gone. */
export type WorktreeState = "planned" | "ready" | "retiring" | "gone";

export interface WorktreeRow {
  readonly path: string;
  readonly profileId: string;
  readonly sessionId: string;
  readonly state: WorktreeState;
  readonly baseSha: string;
  /** Where unsaved work went when it was retired. */
  readonly rescueRef: string | null;
  readonly updatedAt: Instant;
}

export interface WorktreeStore {
  plan(row: Pick<WorktreeRow, "path" | "profileId" | "sessionId" | "baseSha">): Promise<WorktreeRow>;
  setState(path: string, state: WorktreeState, rescueRef?: string): Promise<void>;
  list(filter: {
    readonly profileId?: string;
    readonly states?: readonly WorktreeState[];
  }): Promise<readonly WorktreeRow[]>;
}

/** A daemon, alive or not. */
export interface RuntimeRow {
  readonly id: string;
  readonly process: ProcessMark;
  readonly host: string;
  readonly version: string;
  readonly profileIds: readonly string[];
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
  readonly state: "starting" | "ready" | "draining" | "stopped";
  /** What the last tick found, for `status`. */
  readonly lastTick: Json;
}

export interface RuntimeStore {
  put(row: RuntimeRow): Promise<void>;
  list(): Promise<readonly RuntimeRow[]>;
  /** Its process is gone: the row goes, and the outbox rows it had claimed are due again. */
  remove(id: string): Promise<void>;
}

/**
 * Keeping the store within bounds. What is removed is over, older than `before`, and said in the log; each call removes
 * a bounded number, so that no transaction is long, and answers how many: fewer than `limit` means there is no more.
 */
export interface RetentionStore {
  /** The time to count from: now, but at most two days after the last look, whatever the clock says. */
  look(): Promise<Instant>;
  /** Concluded sessions of ended tasks whose run folder still lies where it ran. */
  toArchive(profileId: string, limit: number): Promise<readonly Session[]>;
  /** Its files lie in `runDir` now. */
  archived(sessionId: string, runDir: string): Promise<void>;
  /** How many `pruneEnded` would remove in all. */
  countEnded(before: Instant): Promise<number>;
  /** Ended tasks with their sessions, attempts, writes and events. Counts tasks. */
  pruneEnded(before: Instant, limit: number, actor: string): Promise<number>;
  /** Events that hang on no task: changes of decisions, and all others. Counts events. */
  pruneLog(
    before: { readonly decisions: Instant; readonly others: Instant },
    limit: number,
    actor: string,
  ): Promise<number>;
  /** How many `pruneLog` would remove in all. */
  countLog(before: { readonly decisions: Instant; readonly others: Instant }): Promise<number>;
  /** What hangs on no task, by the rules of `tableRules`, of each table at most `limit` rows. */
  pruneRest(bounds: RestBounds, limit: number): Promise<RemovedByTable>;
  /** How many `pruneRest` would remove in all. */
  countRest(bounds: RestBounds): Promise<RemovedByTable>;
  /** Whether what the anchor keeps of a session's run is still asked for by anything. */
  runState(sessionId: string, before: Instant): Promise<RunState>;
}

/** Rows; tables of which none went are left out. */
export type RemovedByTable = Readonly<Record<string, number>>;

/** One table, for people who ask where the space goes. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** With its indexes; null: this SQLite does not say. */
  readonly bytes: number | null;
  /** Of its oldest row; null: none, or its rows have no time. */
  readonly oldestAt: Instant | null;
}

export interface StoreMaintenance {
  /** What the database itself finds wrong with its file; empty: nothing. Reads all of it. */
  integrity(): Promise<readonly string[]>;
  /** Rows by table, and the bytes of the file with its log of changes. */
  sizes(): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly bytes: number }>;
  /** Each table with its share of the file. Reads all of it. */
  tables(): Promise<readonly TableSize[]>;
  /** Gives freed space back to the disk. Everybody else waits meanwhile; needs as much free space as the store has. */
  compact(): Promise<void>;
}
