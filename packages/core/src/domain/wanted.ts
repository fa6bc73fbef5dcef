import type { HoldReason } from "./hold-reason.ts";
import type { Lane, PullRequestStage } from "./lane.ts";
import type { Provider } from "./provider.ts";
import type { ReviewLedgers } from "./review.ts";
import type { Instant } from "./time.ts";

/** What sets a piece of work apart when room is given out. */
export interface WorkTraits {
  /** Uses one of the few slots for heavy work. */
  readonly heavy: boolean;
  /** Runs alone in its profile. */
  readonly exclusive: boolean;
  /** `agent-keep-open`: worked again and again, in turn with the others like it. */
  readonly recurring: boolean;
}

/** A task that should exist now. */
export interface Wanted {
  readonly subject: string;
  readonly lane: Lane;
  /** `<profile>/<subject>/<lane>/<revision>`: the same work has the same key. */
  readonly dedupeKey: string;
  /** Higher goes first, within its lane. */
  readonly priority: number;
  readonly traits: WorkTraits;
  /** Of the issue or the pull request. */
  readonly createdAt: Instant;
  /** When it fell due, in lanes with a schedule. */
  readonly dueAt: Instant | null;
  /** Of a pull request: which of its stages asks for it. */
  readonly stage: PullRequestStage | null;
  /** Who may serve it, in the order of trying; absent: as the profile says of work without labels. */
  readonly providers?: readonly Provider[];
  readonly payload: LanePayload;
}

export type Verdict =
  | { readonly kind: "wanted"; readonly wanted: Wanted }
  | { readonly kind: "hold"; readonly because: HoldReason; readonly detail: string; readonly lane: Lane };

/** What a session is given. All texts are hostile; `comments` are those of people whose comments count. */
export type LanePayload = IssuePayload | PullRequestPayload;

export interface IssuePayload {
  readonly kind: "issue";
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly comments: readonly PromptComment[];
  /** Hash of title, body and these comments: what the run is pinned to. */
  readonly revision: string;
  readonly traits: WorkTraits;
  /** Of a scheduled check: which of its times this is. */
  readonly dueAt: Instant | null;
  /** Of a recovery: why it was blocked before. */
  readonly blocker: { readonly reason: string; readonly summary: string; readonly round: number } | null;
}

export interface PullRequestPayload {
  readonly kind: "pull-request";
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly headRef: string;
  /** The run is pinned to it: a push by anyone else voids it. */
  readonly headSha: string;
  readonly baseRef: string;
  readonly stage: PullRequestStage;
  /** Risk tier and what stands between it and a merge, in codes and words for people. */
  readonly risk: string;
  readonly missing: readonly string[];
  readonly failures: readonly FailedCheck[];
  /** What reviews of this head ask for. */
  readonly findings: readonly PromptComment[];
  readonly traits: WorkTraits;
  /** Of a review: the first or the second. */
  readonly round: number;
  readonly review?: ReviewAsk;
  /** Of a repair: what repairs since a person's last push were to mend, this one included. */
  readonly ciRepairs?: readonly CiRepair[];
}

export interface FailedCheck {
  readonly name: string;
  readonly url: string | null;
  readonly summary: string;
  /** The job of a workflow run, which has a log. */
  readonly jobId?: number;
  /** It fails on the base branch as well. */
  readonly isOfBase?: true;
}

/** A repair is charged to the head that it was made for, by the checks that failed there. */
export interface CiRepair {
  readonly headSha: string;
  /** Names, each once, in order. */
  readonly checks: readonly string[];
}

/** What a review is told besides, and what its verdict means. */
export interface ReviewAsk {
  /** How many independent reviews this head needs. */
  readonly wanted: 1 | 2;
  /** The pull request is our own account's, or it is not known whose we are: the forge takes no verdict of ours on it. */
  readonly isOwn: boolean;
  readonly ledgers: ReviewLedgers;
}

export interface PromptComment {
  readonly author: string;
  readonly body: string;
}
