import { type DeadLetterCode, ForgeError, type Instant, type Millis } from "@agent-control-plane/core";

/** What becomes of a row after an error. `maybeApplied`: read the forge before sending again. */
export type DeliveryDecision =
  | { readonly kind: "retry"; readonly nextAt: Instant; readonly maybeApplied: boolean; readonly error: string }
  /** For its turn: this was no try. */
  | { readonly kind: "wait"; readonly nextAt: Instant; readonly maybeApplied: boolean; readonly why: string }
  /** `error` begins with a `DeadLetterCode`. */
  | { readonly kind: "fail"; readonly maybeApplied: boolean; readonly error: string };

export interface FailedTry {
  readonly error: unknown;
  /** `settling`: only reads were sent, what an earlier try did is still open; `sending`: the write itself. */
  readonly phase: "settling" | "sending";
  /** Tries so far, this one included. */
  readonly tries: number;
  readonly now: Instant;
}

/**
 * Limits and outages never use a row up, or a long outage would lose writes; a definite no ends it at once and waits
 * for a person. A wrong token (401) is an outage of ours and says nothing about the row. What is not a `ForgeError` is
 * a fault of ours: given ten tries.
 */
export function decideDelivery({ error, phase, tries, now }: FailedTry): DeliveryDecision {
  const message = error instanceof Error ? error.message : String(error);
  const isOpen = phase === "settling";
  if (!(error instanceof ForgeError)) {
    if (tries >= 10) return failed("fault", message, true);
    return { kind: "retry", nextAt: now + backoff(tries), maybeApplied: true, error: message };
  }
  switch (error.failure) {
    case "rate-limited":
      if (error.details.paced !== undefined) {
        const nextAt = Math.max(error.details.resumeAt ?? now, now);
        return { kind: "wait", nextAt, maybeApplied: isOpen, why: error.details.paced };
      }
      return {
        kind: "retry",
        nextAt: Math.max(error.details.resumeAt ?? now + backoff(tries), now),
        maybeApplied: isOpen || (error.details.maybeApplied ?? false),
        error: message,
      };
    case "unreachable":
      return {
        kind: "retry",
        nextAt: now + backoff(tries),
        maybeApplied: isOpen || (error.details.maybeApplied ?? false),
        error: message,
      };
    case "refused":
      if (error.details.status === 401) {
        return { kind: "retry", nextAt: now + backoff(tries + 2), maybeApplied: isOpen, error: message };
      }
      return failed(error.details.code ?? "refused", message, isOpen || (error.details.maybeApplied ?? false));
    case "gone":
      return failed(error.details.code ?? "gone", message, isOpen || (error.details.maybeApplied ?? false));
  }
}

function failed(code: DeadLetterCode, message: string, maybeApplied: boolean): DeliveryDecision {
  return { kind: "fail", maybeApplied: maybeApplied || code === "unsettled", error: `${code}: ${message}` };
}

const steps: readonly Millis[] = [5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000];

function backoff(tries: number): Millis {
  return steps[Math.min(Math.max(tries, 1), steps.length) - 1] as Millis;
}
