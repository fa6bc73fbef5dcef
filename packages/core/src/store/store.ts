import type { BaselineStore } from "./ports/baselines.ts";
import type { BrokenBaseStore } from "./ports/broken-bases.ts";
import type { CooldownStore } from "./ports/cooldowns.ts";
import type { DecisionStore } from "./ports/decisions.ts";
import type { EventStore } from "./ports/events.ts";
import type { FlowStore } from "./ports/flows.ts";
import type { ForgeCacheStore } from "./ports/forge-cache.ts";
import type { StoreMaintenance } from "./ports/maintenance.ts";
import type { NotificationStore } from "./ports/notifications.ts";
import type { OutboxStore } from "./ports/outbox.ts";
import type { PaceStore } from "./ports/pace.ts";
import type { PauseStore } from "./ports/pauses.ts";
import type { PermissionStore } from "./ports/permissions.ts";
import type { QuotaStore } from "./ports/quotas.ts";
import type { ReadingStore } from "./ports/readings.ts";
import type { RetentionStore } from "./ports/retention.ts";
import type { RuntimeStore } from "./ports/runtimes.ts";
import type { SampleStore } from "./ports/samples.ts";
import type { SessionStore } from "./ports/sessions.ts";
import type { SpendStore } from "./ports/spend.ts";
import type { TaskStore } from "./ports/tasks.ts";
import type { WorktreeStore } from "./ports/worktrees.ts";

/**
 * The durable state. Every method is one transaction; none leaves half an operation behind. A write that names a
 * lease answers `lost` when the term is not the task's present term: losing is normal and never throws.
 * Asynchronous so that PostgreSQL can serve it too.
 */
export interface Store {
  readonly tasks: TaskStore;
  readonly sessions: SessionStore;
  readonly samples: SampleStore;
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
  readonly notifications: NotificationStore;
  readonly maintenance: StoreMaintenance;
  close(): Promise<void>;
}

export type * from "./ports/baselines.ts";
export type * from "./ports/broken-bases.ts";
export type * from "./ports/cooldowns.ts";
export type * from "./ports/decisions.ts";
export type * from "./ports/events.ts";
export type * from "./ports/flows.ts";
export type * from "./ports/forge-cache.ts";
export type * from "./ports/lost.ts";
export type * from "./ports/maintenance.ts";
export type * from "./ports/notifications.ts";
export type * from "./ports/outbox.ts";
export type * from "./ports/pace.ts";
export type * from "./ports/pauses.ts";
export type * from "./ports/permissions.ts";
export type * from "./ports/quotas.ts";
export type * from "./ports/readings.ts";
export type * from "./ports/retention.ts";
export type * from "./ports/runtimes.ts";
export type * from "./ports/samples.ts";
export type * from "./ports/sessions.ts";
export type * from "./ports/spend.ts";
export type * from "./ports/tasks.ts";
export type * from "./ports/worktrees.ts";
