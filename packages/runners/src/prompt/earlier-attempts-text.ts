import type { EarlierAttempt } from "@agent-control-plane/core";

/** Most of it all together, so that a digest never grows as long as what it stands for. */
const maxLength = 12_000;
const maxListed = 30;

/**
 * Pure. What the host saw of earlier attempts, in lines: reason, failing checks with the end of what they printed,
 * files changed. Quotes agents and the repository, so it is data wherever it is put.
 */
export function earlierAttemptsText(attempts: readonly EarlierAttempt[]): string {
  const last = attempts.length - 1;
  // The newest says most, and is told first: what is cut is the oldest.
  const told = attempts.map((attempt, index) => attemptText(attempt, index === last)).reverse();
  const text = told.join("\n");
  return text.length > maxLength ? `${text.slice(0, maxLength)}\n[older attempts are left out]` : text;
}

function attemptText(of: EarlierAttempt, isLast: boolean): string {
  const ended = of.exitReason === null || of.exitReason === "finished" ? "" : ` (the session ${wordOf[of.exitReason]})`;
  const lines = [`- attempt ${of.attempt}: ${of.reason}${ended}${of.summary === "" ? "" : `: ${of.summary}`}`];
  for (const { name, command, exitCode, tail } of of.failedChecks) {
    lines.push(`  check "${name}" (${command}) ended with ${exitCode ?? "a signal"}`);
    if (isLast && tail.trim() !== "") lines.push("  the end of what it printed:", indented(tail.trim()));
  }
  if (of.files.length > 0) lines.push(`  files it changed: ${listed(of.files)}`);
  return lines.join("\n");
}

const wordOf = {
  failed: "failed",
  stalled: "showed no progress and was ended",
  "timed-out": "ran over its time",
  stopped: "was stopped with the runtime",
  killed: "was killed",
  lost: "was lost",
} as const;

const indented = (text: string): string => `    ${text.replaceAll("\n", "\n    ")}`;

function listed(files: readonly string[]): string {
  const shown = files.slice(0, maxListed).join(", ");
  return files.length > maxListed ? `${shown} and ${files.length - maxListed} more` : shown;
}
