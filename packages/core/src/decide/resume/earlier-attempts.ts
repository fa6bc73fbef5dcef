import type { Json } from "../../domain/json.ts";
import type { EarlierAttempt } from "../../domain/resumption.ts";
import type { Session } from "../../domain/session.ts";
import { fieldIn } from "../past-work.ts";

/** Told of at most so many attempts, the newest ones. */
const mostTold = 4;
const maxFiles = 100;
const maxTail = 3_000;
const maxSummary = 2_000;

/**
 * Pure. What was tried, as the host saw it: from the evidence that was saved when each session was concluded. Oldest
 * first. Sessions that cost nothing (a quota, a restart) and said nothing are left out, but for the last.
 */
export function earlierAttempts(sessions: readonly Session[]): readonly EarlierAttempt[] {
  const told = sessions.filter((session, index) => session.outcome !== "not-started" || index === sessions.length - 1);
  return told.slice(-mostTold).map(earlierAttempt);
}

function earlierAttempt({ attempt, ending, evidence }: Session): EarlierAttempt {
  return {
    attempt,
    exitReason: ending?.exitReason ?? null,
    reason: textIn(evidence, "reason") || (ending?.failureReason ?? "unknown"),
    summary: cut(textIn(evidence, "summary") || (ending?.summary ?? ""), maxSummary),
    failedChecks: listIn(evidence, "verification")
      .filter((command) => fieldIn(command, "exitCode") !== 0)
      .map((command) => ({
        name: textIn(command, "name"),
        command: textIn(command, "command"),
        exitCode: numberIn(command, "exitCode"),
        // The end tells what failed.
        tail: textIn(command, "tail").slice(-maxTail),
      })),
    files: listIn(evidence, "files")
      .map((file) => textIn(file, "path"))
      .filter((path) => path !== "")
      .slice(0, maxFiles),
  };
}

function listIn(value: Json, name: string): readonly Json[] {
  const found = fieldIn(value, name);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

function textIn(value: Json, name: string): string {
  const found = fieldIn(value, name);
  return typeof found === "string" ? found : "";
}

function numberIn(value: Json, name: string): number | null {
  const found = fieldIn(value, name);
  return typeof found === "number" ? found : null;
}

const cut = (text: string, max: number): string => (text.length > max ? text.slice(0, max) : text);
