import type { ShownSession } from "../../documents/index.ts";

type Standing = Pick<ShownSession, "kind" | "state" | "outcome" | "exitReason">;

/** Pure. How a session stands, in a word. */
export function sessionWord({ kind, state, outcome, exitReason }: Standing): string {
  if (state === "concluded") return outcome ?? exitReason ?? "concluded";
  if (state === "ended") return `ended (${exitReason ?? "unknown"}), is judged`;
  if (state === "intended") return "starting";
  return kind === "verify" ? "verifying" : "running";
}

/** Pure. */
export function sessionTone({
  state,
  outcome,
  exitReason,
}: Standing): "run" | "good" | "bad" | "wait" | "person" | "off" {
  if (state !== "concluded") return "run";
  if (outcome !== null && /human|person|block|park/.test(outcome)) return "person";
  if (exitReason !== null && /failed|stalled|timed-out|killed|lost/.test(exitReason)) return "bad";
  if (outcome !== null && /again|retry|fail/.test(outcome)) return "wait";
  return exitReason === "finished" ? "good" : "off";
}
