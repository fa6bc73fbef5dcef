import type { Instant } from "../../domain/time.ts";

export interface Cooldown {
  /** `forge:<credential key>`; shared by everything in this store. */
  readonly scope: string;
  readonly until: Instant;
  readonly reason: string;
}

export interface CooldownStore {
  /** Keeps the later of the two ends. */
  set(cooldown: Cooldown, actor: string): Promise<void>;
  clear(scope: string, actor: string): Promise<void>;
  active(): Promise<readonly Cooldown[]>;
}
