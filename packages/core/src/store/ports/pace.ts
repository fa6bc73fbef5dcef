import type { Instant, Millis } from "../../domain/time.ts";

/** Content writes with one credential in any 60 seconds and in any hour; 0: no limit. */
export interface PaceLimits {
  readonly perMinute: number;
  readonly perHour: number;
}

export interface WriteTurnRequest extends PaceLimits {
  /** `forge:<credential key>`, as of the credential's cooldown. */
  readonly scope: string;
  readonly holder: string;
  /** Longer than the request may take: a turn whose holder died ends with it. */
  readonly holdMs: Millis;
  /** From the end of one write to the begin of the next. */
  readonly gapMs: Millis;
}

/** `turn`: another one writes, and may be done before `until`. `minute`, `hour`: the window is full. */
export type WriteTurn =
  | { readonly kind: "yours" }
  | { readonly kind: "wait"; readonly until: Instant; readonly why: "turn" | "gap" | "minute" | "hour" | "cooldown" };

export interface PacedProfile extends PaceLimits {
  readonly profileId: string;
  readonly scope: string;
}

/** Why nothing of a profile is written before `until`. `cooldown`: the forge asked for it. */
export interface PaceWait {
  readonly profileId: string;
  readonly until: Instant;
  readonly why: "turn" | "gap" | "minute" | "hour" | "cooldown";
}

/**
 * The pace of content writes with one credential, one at a time, over all profiles and processes of this store. Writes
 * are counted for an hour and then forgotten.
 */
export interface PaceStore {
  begin(turn: WriteTurnRequest): Promise<WriteTurn>;
  /** The write is over, whatever came of it. Nothing when the turn was taken by another meanwhile. */
  end(scope: string, holder: string): Promise<void>;
  /** Null: there is room. */
  fullUntil(scope: string, limits: PaceLimits): Promise<Pick<PaceWait, "until" | "why"> | null>;
  /** Who writes with what, for `waits`. */
  register(profile: PacedProfile): Promise<void>;
  waits(): Promise<readonly PaceWait[]>;
}
