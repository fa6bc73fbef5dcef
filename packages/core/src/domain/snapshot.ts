import type { HoldReason } from "./hold-reason.ts";
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
  /** Streams with undelivered outbox rows, for example `demo/issue:12`. */
  readonly publishing: ReadonlySet<string>;
  /** Scopes cooling down now, with the moment they end. */
  /** Tasks whose result could not be shown on the forge, with the outbox row that failed. */
  readonly failedWrites: ReadonlyMap<number, number>;
  readonly cooldowns: ReadonlyMap<string, Instant>;
  readonly draining: boolean;
}

export interface SchedulingPolicy {
  readonly profileId: string;
  readonly backend: string;
  readonly labels: {
    readonly ready: string;
    readonly running: string;
    readonly blocked: string;
    readonly hold: string;
  };
  readonly maxWorkers: number;
  readonly maxLaunches: number;
  readonly maxOpenAgentPullRequests: number;
  readonly maxAttempts: number;
}

/** What the forge showed, complete, or why it could not be seen. Nothing is cancelled on an unseen forge. */
export type ForgeView =
  | {
      readonly kind: "seen";
      readonly issues: readonly CandidateIssue[];
      readonly pullRequests: readonly PullRequest[];
    }
  | { readonly kind: "unseen"; readonly because: HoldReason; readonly detail: string };

/** An issue that carries the opt-in label, or one a person asks about. */
export interface CandidateIssue {
  readonly issue: Issue;
  /** Hash of title and body: what a run is pinned to. */
  readonly revision: string;
  readonly optIn:
    | { readonly kind: "trusted"; readonly actor: string }
    | { readonly kind: "untrusted"; readonly actor: string; readonly permission: string }
    | { readonly kind: "unchecked"; readonly detail: string };
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
    };
