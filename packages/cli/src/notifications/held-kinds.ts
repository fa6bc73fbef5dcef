import type { HoldReason, TroubleKind } from "@agent-control-plane/core";

export interface HeldKind {
  readonly kind: TroubleKind;
  /** What the reason is about: each item by itself, or all of the profile's or the host's at once. */
  readonly about: "item" | "profile" | "host";
  /** Minutes it has to stand; left out: half of one. */
  readonly settleMinutes?: number;
}

/**
 * Which reasons to wait are worth a message. Not those that pass by themselves, nor those that a person set and knows of
 * (`held`, `draft`, `paused`), nor those that something else tells: a write that failed (`publish-failed`,
 * `merge-failed`), a limit of a provider, a forge that refuses.
 */
export const heldKinds: Readonly<Partial<Record<HoldReason, HeldKind>>> = {
  "opt-in-untrusted": { kind: "needs-human", about: "item" },
  "opt-in-voided": { kind: "needs-human", about: "item" },
  "handoff-untrusted": { kind: "needs-human", about: "item" },
  blocked: { kind: "needs-human", about: "item" },
  // Its recovery may wait for months; an answer lets it go on now.
  "recovery-needs-base": { kind: "needs-human", about: "item", settleMinutes: 10 },
  "dependency-not-planned": { kind: "needs-human", about: "item" },
  "dependency-cycle": { kind: "needs-human", about: "item" },
  "schedule-invalid": { kind: "needs-human", about: "item" },
  "model-unknown": { kind: "needs-human", about: "item" },
  "approval-needed": { kind: "needs-human", about: "item" },
  "human-review": { kind: "needs-human", about: "item" },
  "ready-to-merge": { kind: "needs-human", about: "item" },
  "open-pr-limit": { kind: "needs-human", about: "profile" },
  "host-disk-low": { kind: "needs-human", about: "host", settleMinutes: 10 },
  "ci-parked": { kind: "parked", about: "item" },
  "fix-limit": { kind: "parked", about: "item" },
  "baseline-broken": { kind: "parked", about: "profile", settleMinutes: 10 },
  "dead-letter": { kind: "dead-letter", about: "item" },
  "budget-spent": { kind: "budget", about: "item" },
  "breaker-open": { kind: "budget", about: "item" },
  "day-budget-spent": { kind: "budget", about: "profile" },
};
