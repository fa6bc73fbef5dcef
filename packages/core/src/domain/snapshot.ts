import type { BrokenBase } from "./broken-base.ts";
import type { HoldReason } from "./hold-reason.ts";
import type { OutboxKind, OutboxRow } from "./outbox.ts";
import type { SchedulingPolicy } from "./policy.ts";
import type { Provider, Quota } from "./provider.ts";
import type { IssueReading, Permission, PullRequestReading, StoredReading } from "./reading.ts";
import type { Amount, BudgetRaise, ItemSpend } from "./spend.ts";
import type { Task } from "./task.ts";
import type { Instant } from "./time.ts";
import type { Issue, PullRequest } from "./work-item.ts";

/** The frozen facts one tick decides over, for one profile. */
export interface Snapshot {
  readonly now: Instant;
  readonly policy: SchedulingPolicy;
  readonly forge: ForgeView;
  /** Live tasks of the profile, and of each candidate the newest task ever made for its present revision. */
  readonly tasks: readonly Task[];
  /** Of each open item, by subject: what became of its tasks, lane by lane. */
  readonly history: ReadonlyMap<string, readonly LaneHistory[]>;
  /** What people may do in the repository, by login in lower case; a login that is not in it was not asked about. */
  readonly permissions: ReadonlyMap<string, Permission>;
  /** Ours on the forge; null where it does not say. */
  readonly selfLogin: string | null;
  /** Streams with undelivered outbox rows, for example `demo/issue:12`. */
  readonly publishing: ReadonlySet<string>;
  /** Tasks that ended well, and whose push or pull request waits to be sent, or is held back. */
  readonly unsent: readonly Task[];
  /** Tasks whose result could not be shown on the forge, with the outbox row that failed. */
  readonly failedWrites: ReadonlyMap<number, number>;
  /** Those of both whose writes did not fail but were held back, because a person acted. */
  readonly withdrawn: ReadonlySet<number>;
  /** Tasks of which publishing waits that has not begun to be sent; absent: none is known. */
  readonly loose?: ReadonlySet<number>;
  /** Those of them that wait for a person's approval. */
  readonly awaiting: ReadonlySet<number>;
  /** Of those, the questions that people can read by now. */
  readonly questions: ReadonlyMap<number, Question>;
  /** Merges that were asked for, by subject, oldest first: of open pull requests all, of others those not sent yet. */
  readonly merges: ReadonlyMap<string, readonly MergeRow[]>;
  /** Work that is done and whose push, pull request or merge the forge refused for good, by task. */
  readonly stuck: ReadonlyMap<number, Stuck>;
  /** Limits of providers: those in force, and those that nobody has shown to be over. */
  readonly quotas: readonly Quota[];
  /** By task that waits: who served its last session that left a conversation; absent: it makes no difference. */
  readonly spokenWith?: ReadonlyMap<number, Provider>;
  /** A person paused the profile, or all of them. */
  readonly pause: { readonly actor: string; readonly reason: string; readonly at: Instant } | null;
  readonly host: HostView;
  /** What was spent; absent: nothing. */
  readonly spend?: SpendView;
  readonly draining: boolean;
}

/** Of items that may be started, and of the day that is in the profile's time zone. */
export interface SpendView {
  readonly items: ReadonlyMap<string, ItemSpend>;
  readonly day: {
    readonly spent: Amount;
    readonly until: Instant;
    /** The newest raise in it. */
    readonly raise?: BudgetRaise | null;
  };
  /** Limits reached of which people were told. */
  readonly told: ReadonlySet<string>;
}

export interface MergeRow
  extends Pick<
    OutboxRow<"merge">,
    "id" | "state" | "body" | "result" | "lastError" | "createdAt" | "sendStartedAt" | "idempotencyKey"
  > {
  /** It was put into the queue, and we asked for it to be taken out again. */
  readonly isTakenOut?: boolean;
}

export interface Stuck {
  readonly task: Task;
  /** The first of its writes that was refused; null: it is being sent again. */
  readonly refused: RefusedWrite | null;
  /** People were asked by the blocked label, which was set at `at`; null: it is on its way, or was refused as well. */
  readonly asked: { readonly at: Instant | null } | null;
}

/** Our comment that asks for an approval; `sentAt` by this host's clock. */
export interface Question {
  readonly commentId: number | null;
  readonly sentAt: Instant;
}

export interface RefusedWrite {
  readonly rowId: number;
  readonly kind: OutboxKind;
  readonly error: string;
  /** Since when this try of it was due: another one, after a person had it sent again, has another. */
  readonly dueAt: Instant;
}

/** Ended tasks of one subject in one lane. */
export interface LaneHistory {
  readonly lane: string;
  readonly newest: Task;
}

/** What all profiles of this host share. */
export interface HostView {
  readonly maxWorkers: number;
  /** By profile: running tasks, and how many more only the host's limit keeps from starting, and since when. */
  readonly load: ReadonlyMap<string, HostLoad>;
  /** By backend. */
  readonly providers: ReadonlyMap<string, { readonly running: number; readonly max: number }>;
  /** How many sessions hold each slot; absent: nobody holds any. */
  readonly slots?: ReadonlyMap<string, number>;
  /** Memory, disk or load that admits no new session now. */
  readonly refusal: { readonly because: HoldReason; readonly detail: string } | null;
}

export interface HostLoad {
  readonly running: number;
  readonly wanting: number;
  readonly waitingSince: Instant | null;
}

/** What the forge showed, complete, or why it could not be seen. Nothing is cancelled on an unseen forge. */
export type ForgeView =
  | {
      readonly kind: "seen";
      /** Where new work starts from. */
      readonly base: BaseView;
      readonly issues: readonly CandidateIssue[];
      readonly pullRequests: readonly CandidatePullRequest[];
    }
  | { readonly kind: "unseen"; readonly because: HoldReason; readonly detail: string };

/** The branch pull requests go to. `broken`: the profile's checks failed on this very head. */
export interface BaseView {
  readonly branch: string;
  readonly sha: string;
  readonly verdict: "unknown" | "passed" | "broken";
  /** Names of the forge's checks that fail on it; read only while a pull request of ours has a failed one. */
  readonly failing?: readonly string[];
  /**
   * What its own checks say as a whole; read only while `item` is open. `unknown`: they were not all read, are not
   * finished, or there are none.
   */
  readonly checks?: "unknown" | "passed" | "failed";
  /** The newest time it was broken; absent: it never was. */
  readonly item?: BrokenBaseItem;
}

/** Of `issueState` nothing is known while it is not made, or the forge does not say. */
export type BrokenBaseItem = Omit<BrokenBase, "profileId" | "branch" | "openedAt"> & {
  readonly issueState: "open" | "closed" | "unknown";
};

/** An issue that carries the opt-in label, or one a person asks about. Null: not read yet, and why. */
export interface CandidateIssue {
  readonly issue: Issue;
  readonly reading: StoredReading<IssueReading> | null;
  /** State of the issues it names as dependencies, as far as they were read. */
  readonly dependencies: ReadonlyMap<number, DependencyState>;
}

export type DependencyState = "open" | "completed" | "not-planned" | "gone";

/** Every open pull request; only those we may work on are read. */
export interface CandidatePullRequest {
  readonly pullRequest: PullRequest;
  readonly reading: StoredReading<PullRequestReading> | null;
}

/** What the tick concluded on one candidate. */
export type Decision =
  | { readonly kind: "launch"; readonly subject: string; readonly lane: string; readonly detail: string }
  | {
      readonly kind: "hold";
      readonly subject: string;
      readonly lane: string;
      readonly because: HoldReason;
      readonly detail: string;
      /** Its place in the line, 1 for the next: only of what waits for room alone. */
      readonly place?: number;
    };
