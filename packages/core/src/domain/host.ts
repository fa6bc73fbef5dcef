import { type HostNotificationRules, noNotifications } from "./notification.ts";

/** What the sessions of all profiles on this host may use together. */
export interface HostLimits {
  readonly maxWorkers: number;
  /** Below these no new session starts; 0: not looked at. */
  readonly minFreeMemoryMb: number;
  readonly minFreeDiskMb: number;
  /** One-minute load average per processor; 0: not looked at. */
  readonly maxLoadPerCpu: number;
  /** Sessions at once by backend; a backend that is not named has no limit of its own. */
  readonly providers: Readonly<Record<string, number>>;
  readonly retention: RetentionLimits;
  readonly notifications: HostNotificationRules;
}

/** How long what is over is kept. Nothing that waits, failed or is under way is ever removed by age. */
export interface RetentionLimits {
  /** Ended tasks with their sessions, writes and events, once their item is closed. */
  readonly endedDays: number;
  /** Changes of decisions in the log. */
  readonly decisionDays: number;
  /** Run folders, for each profile: the first of the three that is over. */
  readonly runs: { readonly days: number; readonly count: number; readonly sizeMb: number };
  /** Of each log: how large it may become before it is rotated, and how many rotated ones are kept. */
  readonly logs: { readonly sizeMb: number; readonly files: number };
  /** Saved work of sessions that has become part of the base branch; other saved work is kept until a person drops it. */
  readonly rescueDays: number;
  /** What was spent on one item, after its sessions left; then it counts in its profile's total only. */
  readonly totalsDays: number;
  /** Answers of the forge that nobody asked for. */
  readonly forgeCacheDays: number;
  /** Flows that ended, each with its folder: the first of the two that is over. */
  readonly flows: { readonly days: number; readonly count: number };
  /** Copies of the database: the first of the two that is over; the newest one stays. */
  readonly backups: { readonly days: number; readonly count: number };
}

/** Null: the platform does not say, and nothing is held for it. */
export interface HostResources {
  readonly freeMemoryMb: number | null;
  readonly freeDiskMb: number | null;
  readonly loadPerCpu: number | null;
}

export const defaultHostLimits: HostLimits = {
  maxWorkers: 20,
  minFreeMemoryMb: 512,
  minFreeDiskMb: 1024,
  maxLoadPerCpu: 4,
  providers: {},
  retention: {
    endedDays: 90,
    decisionDays: 14,
    runs: { days: 30, count: 500, sizeMb: 2048 },
    logs: { sizeMb: 10, files: 5 },
    rescueDays: 90,
    totalsDays: 730,
    forgeCacheDays: 30,
    flows: { days: 30, count: 500 },
    backups: { days: 90, count: 5 },
  },
  notifications: { ...noNotifications, dashboardUrl: null },
};
