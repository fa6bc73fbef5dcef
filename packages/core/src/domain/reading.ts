import type { ChangedFile } from "./evidence.ts";
import type { Instant } from "./time.ts";
import type { PermissionLevel, StateReason } from "./work-item.ts";

/**
 * What a list does not show of an item, read when the item has changed and kept until it changes again. All times are
 * the forge's; all texts are hostile. `order` counts the entries of one timeline, oldest first: times have whole
 * seconds, so only the order tells what came after what.
 */
export interface Timeline {
  readonly labelActs: readonly LabelAct[];
  readonly comments: readonly TimelineComment[];
  readonly renames: readonly { readonly order: number; readonly actor: string; readonly at: Instant }[];
  readonly reviews: readonly TimelineReview[];
  /** Commits and forced pushes to a pull request's branch. */
  readonly pushes: readonly { readonly order: number; readonly kind: "commit" | "force-push"; readonly sha: string }[];
  /** When it was put into the base's merge queue, and left it; absent: it never was. */
  readonly queued?: readonly { readonly order: number; readonly kind: "added" | "removed"; readonly at: Instant }[];
}

export interface LabelAct {
  readonly order: number;
  readonly kind: "added" | "removed";
  readonly label: string;
  readonly actor: string;
  readonly at: Instant;
}

export interface TimelineComment {
  readonly order: number;
  readonly id: number;
  readonly author: string;
  readonly body: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface TimelineReview {
  readonly order: number;
  readonly id: number;
  readonly author: string;
  readonly state: "approved" | "changes-requested" | "commented" | "dismissed" | "pending";
  readonly body: string;
  /** The head it was given for; null when the forge does not say. */
  readonly headSha: string | null;
  readonly at: Instant;
}

/** The last edit of a text after it was first written; `editor` is `ghost` for a deleted account. */
export interface TextEdit {
  readonly editor: string;
  readonly at: Instant;
}

/** An issue that another one waits for. */
export interface Blocker {
  readonly number: number;
  /** `owner/name` when it lies in another repository; null in ours. */
  readonly repo: string | null;
  readonly state: "open" | "closed";
  readonly stateReason: StateReason | null;
}

export interface IssueReading {
  readonly timeline: Timeline;
  /** The last edit of its body; null: never edited. */
  readonly edit: TextEdit | null;
  /** Of the forge's own blocked-by relation. */
  readonly blockers: readonly Blocker[];
}

/** A pull request's mergeability; `unknown` while the forge is still computing it, and whenever it does not say. */
export type MergeState = "clean" | "dirty" | "blocked" | "behind" | "unstable" | "draft" | "unknown";

export interface Check {
  readonly name: string;
  readonly kind: "check-run" | "status";
  readonly state: "pending" | "passed" | "failed" | "neutral" | "skipped";
  /** Of the newest run with this name; null for statuses. */
  readonly id: number | null;
  /** The workflow run it belongs to, where the forge names one; what a host may ask to run again. */
  readonly runId: number | null;
  readonly url: string | null;
  /** What it says of its failure, cut to a few lines. */
  readonly summary: string;
}

export interface PullRequestReading {
  /** The head this was read for; a reading of another head says nothing of this one. */
  readonly headSha: string;
  readonly mergeState: MergeState;
  /** Null when the forge does not list them all: then nothing is known of its risk. */
  readonly files: readonly ChangedFile[] | null;
  readonly checks: readonly Check[];
  readonly timeline: Timeline;
  /** The base it had when it was read, of whose commits nothing else here tells; kept by the scheduler. */
  readonly baseRef?: string;
  /** The item's `updatedAt` when it was first seen onto this base; absent: it was never seen onto another. */
  readonly baseSeenAt?: Instant;
}

/**
 * What of a pull request is read: everything; its checks as far as they are moving; all of one kind of them; its
 * mergeability, also where the forge would answer "not changed".
 */
export type PullRequestPart = "all" | "checks" | "check-runs" | "statuses" | "merge-state" | "merge-state-anew";

/** A reading in the store, with what it was read for. */
export interface StoredReading<R> {
  /** The item's `updatedAt` in the list when it was read; another one in the list means: read again. */
  readonly itemUpdatedAt: Instant;
  /** False when it was read so soon after the change that another one of the same second may have been missed. */
  readonly isSettled: boolean;
  readonly readAt: Instant;
  /** The item's `updatedAt` when this head was first seen, onto this base; an approval given before it was given to another head. */
  readonly headSeenAt: Instant | null;
  /** Of a pull request: the base's head when its mergeability was read; it may change whenever the base moves. */
  readonly baseSha?: string;
  /** Of a pull request: its checks have moved since its mergeability was read, and may have moved that too. */
  readonly isMergeStateOld?: boolean;
  /** Reruns of failed checks that the host asked for at this head; absent: none. */
  readonly ciRefreshes?: CiRefreshes;
  /** Of a pull request: the head at which a person was asked for a review; absent: none was. */
  readonly peopleAskedAt?: string;
  readonly reading: R;
}

export interface CiRefreshes {
  readonly used: number;
  readonly lastAt: Instant;
  /** The check runs that had failed when it was asked for: a run of another id is what came of it. */
  readonly failed?: readonly number[];
}

export interface Permission {
  readonly login: string;
  readonly level: PermissionLevel;
  readonly checkedAt: Instant;
}

/** What a check run marked in the code, as the forge has it; all its words come from outside. */
export interface Annotation {
  readonly level: string;
  readonly path: string;
  readonly line: number | null;
  readonly title: string;
  readonly message: string;
}
