import type { ShownSession } from "../documents/index.ts";

/** What became of a session, in the reference's words. */
export interface RunResult {
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED" | "UNKNOWN";
  readonly outcome: string;
  readonly action: string;
  readonly result_kind: "running" | "failed" | "implemented" | "reported" | "blocked" | "completed" | "unknown";
  readonly result_label: string;
}

/**
 * Pure. Ours are the outcomes that reconcile concluded; the reference's are what its worker wrote. An outcome that it has
 * no word for keeps ours, and counts as completed.
 */
export function resultOf(session: ShownSession, failureReason: string): RunResult {
  const status = statusOf(session);
  const outcome = outcomeWords[session.outcome ?? ""] ?? session.outcome ?? "";
  const action = actionOf(outcome, session);
  if (status === "RUNNING") return { status, outcome, action, result_kind: "running", result_label: "In progress" };
  if (status === "FAILED")
    return { status, outcome, action, result_kind: "failed", result_label: `Failed: ${failureReason}` };
  const kind = outcome === "" ? "unknown" : (kindWords[outcome] ?? "completed");
  return { status, outcome, action, result_kind: kind, result_label: `${kind[0]?.toUpperCase()}${kind.slice(1)}` };
}

const outcomeWords: Readonly<Record<string, string>> = {
  published: "implemented",
  reported: "reported",
  "needs-human": "blocked",
  "nothing-to-do": "no-change-needed",
};

const kindWords: Readonly<Record<string, "implemented" | "reported" | "blocked">> = {
  implemented: "implemented",
  reported: "reported",
  blocked: "blocked",
};

/** Tried again, or never begun: the attempt came to nothing, however its process ended. */
const cameToNothing: ReadonlySet<string> = new Set(["try-again", "not-started", "cancelled"]);

function statusOf({ state, exitReason, outcome }: ShownSession): RunResult["status"] {
  if (state === "intended" || state === "running") return "RUNNING";
  if (outcome !== null) return cameToNothing.has(outcome) ? "FAILED" : "SUCCEEDED";
  if (exitReason === null) return "UNKNOWN";
  return exitReason === "finished" ? "SUCCEEDED" : "FAILED";
}

function actionOf(outcome: string, { subject }: ShownSession): string {
  const isPull = subject.startsWith("pr:");
  if (outcome === "implemented") return isPull ? "host-push-pr-branch" : "host-publish-issue-pr";
  if (outcome === "reported") return "host-comment-scheduled-report";
  if (outcome === "blocked") return isPull ? "host-comment-pr-blocker" : "host-comment-blocker";
  return outcome === "no-change-needed" && isPull ? "host-refresh-pr-state" : "";
}
