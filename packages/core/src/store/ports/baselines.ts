import type { Instant } from "../../domain/time.ts";

/** What the profile's checks said of a head of the base branch. */
export interface Baseline {
  readonly profileId: string;
  readonly sha: string;
  readonly passed: boolean;
  readonly summary: string;
  readonly checkedAt: Instant;
}

export interface BaselineStore {
  put(baseline: Omit<Baseline, "checkedAt">, actor: string): Promise<void>;
  get(profileId: string, sha: string): Promise<Baseline | null>;
}
