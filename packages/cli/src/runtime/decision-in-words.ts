import { type Decision, type HoldReason, holdText, unblockedBy } from "@agent-control-plane/core";

/** A decision as commands print it; field by field in docs/json-output.md. */
export interface DecisionInWords {
  readonly verdict: "launch" | "hold";
  /** A reason code; `launch` when it starts with the next tick. */
  readonly reason: HoldReason | "launch";
  readonly text: string;
  /** The change that would let it go; empty when nothing holds it. */
  readonly unblockedBy: string;
  readonly detail: string;
  /** Its place in the line, 1 for the next; null when it does not wait for room. */
  readonly place: number | null;
}

/** `onLaunch`: what is said of one that nothing holds. */
export function decisionInWords(decision: Decision, onLaunch: string): DecisionInWords {
  const { kind: verdict, detail } = decision;
  if (decision.kind === "launch") {
    return { verdict, reason: "launch", text: onLaunch, unblockedBy: "", detail, place: null };
  }
  const { because: reason, place = null } = decision;
  if (reason === "not-open" && detail.endsWith(" is merged")) {
    return { verdict, reason, text: "it is merged: nothing is left to do", unblockedBy: "", detail, place };
  }
  return { verdict, reason, text: holdText(reason), unblockedBy: unblockedBy(reason), detail, place };
}
