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
};
