import type { GuardRules } from "../domain/guard.ts";
import type { Lane } from "../domain/lane.ts";
import type { NotificationRules } from "../domain/notification.ts";
import type {
  HeavyRules,
  LabelNames,
  LaneLimits,
  MergeRules,
  PullRequestRules,
  ReviewRules,
  SchedulingPolicy,
} from "../domain/policy.ts";
import type { ProviderRules } from "../domain/provider.ts";
import type { ResumePolicy } from "../domain/resumption.ts";
import type { SessionLimits } from "../domain/session.ts";
import type { BudgetPolicy, PriceTable } from "../domain/spend.ts";
import type { Millis } from "../domain/time.ts";
import type { PermissionLevel } from "../domain/work-item.ts";
import type { BackendSettings } from "./backend-section.ts";

export const forgeProviders = ["github", "local"] as const;
export type ForgeProvider = (typeof forgeProviders)[number];

/** How a session's processes are kept together: a PID namespace, a recorded process tree, or the best there is. */
export const isolations = ["auto", "pid-namespace", "process-tree"] as const;
export type Isolation = (typeof isolations)[number];

/**
 * One repository's rules, complete: defaults applied, durations in milliseconds, paths absolute, frozen.
 * Made by `parseProfile` only.
 */
export interface Profile {
  readonly id: string;
  /** The control-plane.yaml it was read from. */
  readonly file: string;
  readonly repo: {
    /** `owner/name`. */
    readonly slug: string;
    readonly owner: string;
    readonly name: string;
    /** The person's own checkout. Never worked in; null when there is none on this machine. */
    readonly root: string | null;
    /** Null: ask the forge. */
    readonly defaultBranch: string | null;
  };
  readonly forge: {
    readonly provider: ForgeProvider;
    /** Without a trailing slash. Null: the running local forge says. */
    readonly apiUrl: string | null;
    readonly gitUrl: string | null;
    readonly requestTimeoutMs: Millis;
    /** Content writes with one credential; 0: no limit. */
    readonly pace: { readonly perMinute: number; readonly perHour: number };
  };
  readonly runtime: {
    readonly agentRoot: string;
    readonly worktreeRoot: string;
    /** The bare anchor clone all worktrees hang on. */
    readonly agentRepoRoot: string;
    readonly runsRoot: string;
    /** Retired worktrees kept for the next session. */
    readonly worktreePoolSize: number;
  };
  /** IANA name; of cadences and cron expressions. */
  readonly timeZone: string;
  readonly queue: {
    readonly labels: LabelNames;
    readonly priorities: Readonly<Record<string, number>>;
    /** Whose labels make us act: opting in, handing over, approving. */
    readonly trustedPermissions: readonly PermissionLevel[];
    /** Whose comments become part of the work. */
    readonly commentPermissions: readonly PermissionLevel[];
    readonly onDrift: SchedulingPolicy["onDrift"];
    /** `ready`: they are opted in as they are made. */
    readonly followUps: "off" | "create" | "ready";
    readonly followUpLabels: readonly string[];
  };
  readonly limits: {
    readonly maxConcurrentWorkers: number;
    readonly maxOpenAgentPrs: number;
    readonly maxLaunchesPerHeartbeat: number;
    /** As the file says; policyOf keeps each within `maxConcurrentWorkers`. */
    readonly lanes: Omit<LaneLimits, "workers" | "launchesPerTick" | "openAgentPullRequests">;
  };
  /** The lanes whose sessions are run. */
  readonly lanes: readonly Lane[];
  readonly recurring: SchedulingPolicy["recurring"];
  readonly blockedRecovery: SchedulingPolicy["blockedRecovery"];
  readonly heavy: HeavyRules;
  readonly pullRequests: PullRequestRules;
  readonly merge: MergeRules;
  readonly reviews: ReviewRules;
  readonly scheduler: {
    readonly intervalMs: Millis;
    readonly leaseMs: Millis;
    readonly heartbeatMs: Millis;
    readonly drainMs: Millis;
  };
  readonly execution: {
    /** A backend's name. */
    readonly codingWorker: string;
    /** By backend: its section, as its own schema reads it. */
    readonly backends: Readonly<Record<string, BackendSettings>>;
    /** Who serves which work. */
    readonly providers: ProviderRules;
    /** By entry of the pools: what its sessions get in their environment besides. */
    readonly accounts: Readonly<Record<string, AccountEnvironment>>;
    /** Added to the session's allowlisted environment: names passed on from ours, and fixed values. */
    readonly env: { readonly pass: readonly string[]; readonly set: Readonly<Record<string, string>> };
    readonly limits: SessionLimits;
    readonly retry: { readonly cooldownsMs: readonly Millis[]; readonly maxAttempts: number };
    readonly isolation: Isolation;
    readonly resume: ResumePolicy;
    /** What a million tokens cost, where the backend does not say what it cost. */
    readonly prices: PriceTable;
  };
  readonly budgets: BudgetPolicy;
  readonly guards: GuardRules;
  readonly verification: {
    /** Run once, before the others. */
    readonly setup: readonly VerificationCommand[];
    /** Run when one of the changed paths matches one of its globs. */
    readonly targeted: readonly (VerificationCommand & { readonly paths: readonly string[] })[];
    /** Run each time. Without one nothing is ever published. */
    readonly commands: readonly VerificationCommand[];
    readonly timeoutMs: Millis;
  };
  readonly publish: {
    readonly commitAuthor: { readonly name: string; readonly email: string };
    readonly draft: boolean;
    readonly labels: readonly string[];
  };
  /** Channels of its own, and what of it nobody is told. */
  readonly notifications: NotificationRules;
  /** Absolute path of a prompt template that replaces the lane's own; null: `templates/` beside the profile decides. */
  readonly prompts: { readonly issue: string | null };
}

export interface AccountEnvironment {
  /** Names passed on from our environment. */
  readonly pass: readonly string[];
  /** By a name in the session's environment: the name in ours. */
  readonly from: Readonly<Record<string, string>>;
}

export interface VerificationCommand {
  readonly name: string;
  /** One line for `sh -c`, run in a clean checkout of the commit under test. */
  readonly command: string;
}
