import type { Lane } from "./lane.ts";
import type { ProviderRules } from "./provider.ts";
import type { BudgetPolicy } from "./spend.ts";
import type { Millis } from "./time.ts";
import type { PermissionLevel } from "./work-item.ts";

/** One profile's rules of scheduling: what `control-plane.yaml` says, in the words of the deciding functions. */
export interface SchedulingPolicy {
  readonly profileId: string;
  /** `owner/name` of the repository. */
  readonly slug: string;
  readonly backend: string;
  /** Who serves which work; absent: `backend` serves all of it. */
  readonly providers?: ProviderRules;
  /** The lanes whose sessions are run; work for others is held. */
  readonly lanes: readonly Lane[];
  readonly labels: LabelNames;
  /** Label -> what it adds to an item's priority; higher goes first. */
  readonly priorities: Readonly<Record<string, number>>;
  readonly trust: TrustPolicy;
  /** IANA name, for cadences and cron expressions, for example `Europe/Stockholm`. */
  readonly timeZone: string;
  readonly limits: LaneLimits;
  readonly maxAttempts: number;
  /** Work under way whose issue was changed by somebody who may: go on and publish, start over, or ask a person. */
  readonly onDrift: "continue" | "restart" | "ask";
  readonly recurring: {
    /** Between the end of one cycle of an `agent-keep-open` issue and the start of the next. */
    readonly restMs: Millis;
  };
  readonly blockedRecovery: { readonly cooldownMs: Millis; readonly maxRounds: number };
  readonly heavy: HeavyRules;
  readonly pullRequests: PullRequestRules;
  readonly merge: MergeRules;
  readonly reviews: ReviewRules;
  readonly budgets: BudgetPolicy;
}

/** Whether the host merges, how, and what it does once a pull request is merged, by whomever. */
export interface MergeRules {
  /** False: merging is a person's. */
  readonly enabled: boolean;
  readonly method: "squash" | "merge" | "rebase";
  /** Branches of our agents, once the forge shows their pull request merged. */
  readonly deleteBranch: boolean;
  /** `auto`: where the base branch takes merges through its queue only. */
  readonly useMergeQueue: "auto" | "never";
  /** What a head needs beside its checks: nothing, a passed review of ours, or a person's approval of this very head. */
  readonly requireApproval: "none" | "agent-review" | "human";
  /** Issues that our agents worked, and their pull request says it closes. */
  readonly closeLinkedIssues: boolean;
}

/** How our own reviews are made and told. */
export interface ReviewRules {
  /** As a review of the forge's, or as a plain comment. */
  readonly post: "review" | "comment";
  /** Whether the verdict is also a commit status, which branch protection can ask for. */
  readonly status: boolean;
  /** Who makes the second review of a head; null in a field: as the first. */
  readonly second: { readonly backend: string | null; readonly model: string | null };
  /** Logins named when a person's review is wanted. */
  readonly people: readonly string[];
  /** Rounds without progress after which a review goes to a person. */
  readonly maxStuckRounds: number;
}

export interface LabelNames {
  readonly ready: string;
  readonly running: string;
  readonly blocked: string;
  /** A person's: nothing starts, what runs is stopped. Never set and never removed by us. */
  readonly hold: string;
  readonly keepOpen: string;
  readonly exclusive: string;
  readonly heavy: string;
  readonly scheduled: string;
  readonly handoff: string;
  readonly manualFixOverride: string;
  readonly humanApproved: string;
  readonly automerge: string;
  readonly repairQueued: string;
  readonly ciRefresh: string;
  readonly ciBypassed: string;
  readonly doubleCheck1: string;
  readonly doubleCheck2: string;
  readonly humanReview: string;
}

/** Whose acts count, by their permission in the repository. */
export interface TrustPolicy {
  /** Opting work in, handing over, approving, and every other label that makes us act. */
  readonly labels: readonly PermissionLevel[];
  /** Comments that become part of the work. */
  readonly comments: readonly PermissionLevel[];
}

/** How many at once; the lane's own numbers count within `workers`. */
export interface LaneLimits {
  readonly workers: number;
  readonly launchesPerTick: number;
  readonly pullRequestWorkers: number;
  readonly heavyWorkers: number;
  readonly recurringWorkers: number;
  readonly scheduledWorkers: number;
  readonly scheduledHeavyWorkers: number;
  readonly blockedRecoveryWorkers: number;
  /** Open agent pull requests at which no new issue work starts. */
  readonly openAgentPullRequests: number;
}

/** What makes an issue heavy beside the label: any of these labels, or one of these words in its title or body. */
export interface HeavyRules {
  readonly labels: readonly string[];
  readonly titleWords: readonly string[];
  readonly bodyWords: readonly string[];
}

/** Path globs are matched against paths from the repository's root, with `**` for any depth. */
export interface PullRequestRules {
  readonly risk: RiskRules;
  /** Independent reviews that a pull request of a critical tier needs before it may be merged: 1 or 2. */
  readonly criticalReviews: 1 | 2;
  /** False: no check at all reads as "not known", true: as "nothing to wait for". */
  readonly mayLackChecks: boolean;
  /** Failures whose text matches one of these are the infrastructure's; with all failures so, the checks are bypassed. */
  readonly infraFailures: readonly string[];
  /** Repairs of one pull request without a person's act in between, then it waits for a person. */
  readonly maxFixRounds: number;
  /** Reruns of failed checks by the host, for one head. */
  readonly maxCiRefreshes: number;
  /** Repairs of one set of failed checks without a person's push, each of another head; then a person is asked. */
  readonly maxCiRepairs: number;
  /** What waits for a broken base waits for an issue that says so, or says so itself; `ready`: agents work the issue. */
  readonly baseBroken: "hold" | "issue" | "ready";
}

export interface RiskRules {
  /** Any of these: a person has to approve. */
  readonly systemBreaking: readonly string[];
  readonly criticalInfra: readonly string[];
  readonly criticalApp: readonly string[];
  /** All of these: low. */
  readonly docsOnly: readonly string[];
  /** Not counted for scope; a critical path stays critical. */
  readonly generated: readonly string[];
  readonly tests: readonly string[];
  /** Above either, the scope is too broad; generated files and tests do not count. */
  readonly maxFiles: number;
  readonly maxLines: number;
}
