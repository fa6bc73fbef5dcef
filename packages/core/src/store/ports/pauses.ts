import type { Instant } from "../../domain/time.ts";

/** `scope` is a profile's id, or `*` for all of them. */
export interface ProfilePause {
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface PauseStore {
  /** A scope that is paused already keeps its first actor and time, and gets the new reason; `false` then. */
  set(pause: Omit<ProfilePause, "at">): Promise<boolean>;
  /** `false` when it was not paused. */
  clear(scope: string, actor: string): Promise<boolean>;
  list(): Promise<readonly ProfilePause[]>;
}
