import type { Json } from "../../domain/json.ts";
import type { ProcessMark } from "../../domain/session.ts";
import type { Instant } from "../../domain/time.ts";

/** A daemon, alive or not. */
export interface RuntimeRow {
  readonly id: string;
  readonly process: ProcessMark;
  readonly host: string;
  readonly version: string;
  readonly profileIds: readonly string[];
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
  readonly state: "starting" | "ready" | "draining" | "stopped";
  /** What the last tick found, for `status`. */
  readonly lastTick: Json;
}

export interface RuntimeStore {
  put(row: RuntimeRow): Promise<void>;
  list(): Promise<readonly RuntimeRow[]>;
  /** Its process is gone: the row goes, and the outbox rows it had claimed are due again. */
  remove(id: string): Promise<void>;
}
