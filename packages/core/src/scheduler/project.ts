import type { PublishTarget } from "../decide/publish/publish-rows.ts";
import type { GuardRules } from "../domain/guard.ts";
import type { SchedulingPolicy } from "../domain/policy.ts";
import type { ResumePolicy } from "../domain/resumption.ts";
import type { HostView } from "../domain/snapshot.ts";
import type { Millis } from "../domain/time.ts";
import type { Clock, Conversations, Log, SecretScanner, SessionRunner, WorkSource, Worktrees } from "../ports.ts";
import type { Store } from "../store/store.ts";
import type { Jobs } from "./jobs.ts";
import type { KnownItems } from "./observe/known-items.ts";

/** One profile as the scheduler works on it: its rules, and the shells that act for it. */
export interface Project {
  readonly profileId: string;
  /** Who we are in leases and events. */
  readonly runtimeId: string;
  readonly policy: SchedulingPolicy;
  readonly publish: PublishTarget;
  readonly retryLadder: readonly Millis[];
  readonly hasVerification: boolean;
  readonly guards: GuardRules;
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  /** Where a session keeps its files. */
  readonly runDirOf: (sessionId: string) => string;
  /** Begins with `s<task>-`: that is how a branch tells whose it is. */
  readonly newSessionId: (taskId: number) => string;
  readonly store: Store;
  /** What the profiles of this host share, as it is now. */
  readonly host: () => Promise<HostView>;
  /** What was read of its items before. */
  readonly known: KnownItems;
  readonly source: WorkSource;
  readonly worktrees: Worktrees;
  readonly runner: SessionRunner;
  /** Without it every session starts from nothing, and no backend's state is kept. */
  readonly resume?: { readonly policy: ResumePolicy; readonly conversations: Conversations };
  /** What is left of the forge's hourly allowance, as last told; null: not told. Without it: nobody knows. */
  readonly allowanceLeft?: () => number | null;
  readonly secrets: SecretScanner;
  readonly clock: Clock;
  readonly log: Log;
  /** Slow work under way, so that no tick waits for it. */
  readonly jobs: Jobs;
}
