import type { PublishTarget } from "../decide/publish-rows.ts";
import type { SchedulingPolicy } from "../domain/snapshot.ts";
import type { Millis } from "../domain/time.ts";
import type { PermissionLevel } from "../domain/work-item.ts";
import type { Clock, Log, SessionRunner, WorkSource, Worktrees } from "../ports.ts";
import type { Store } from "../store/store.ts";
import type { Jobs } from "./jobs.ts";

/** One profile as the scheduler works on it: its rules, and the shells that act for it. */
export interface Project {
  readonly profileId: string;
  /** Who we are in leases and events. */
  readonly runtimeId: string;
  readonly policy: SchedulingPolicy;
  readonly publish: PublishTarget;
  readonly trustedPermissions: readonly PermissionLevel[];
  readonly retryLadder: readonly Millis[];
  readonly hasVerification: boolean;
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  /** Where a session keeps its files. */
  readonly runDirOf: (sessionId: string) => string;
  /** Revision of a text: what a run is pinned to. */
  readonly revisionOf: (title: string, body: string) => string;
  readonly newSessionId: (taskId: number) => string;
  readonly store: Store;
  readonly source: WorkSource;
  readonly worktrees: Worktrees;
  readonly runner: SessionRunner;
  readonly clock: Clock;
  readonly log: Log;
  /** Slow work under way, so that no tick waits for it. */
  readonly jobs: Jobs;
}
