import type { FailureReason } from "../../domain/reason.ts";
import type { Task } from "../../domain/task.ts";
import type { Millis } from "../../domain/time.ts";
import type { SelfRecovery } from "../issue/blocked-recovery.ts";
import { pullRequestNumberOf } from "../subjects.ts";
import { code, neutralise, quote } from "./inert-text.ts";

/** One try at a task, as a person is told of it; oldest first. */
export interface Tried {
  readonly attempt: number;
  /** Null: the one that is being concluded. */
  readonly reason: string | null;
  /** Null when it never came so far as to start. */
  readonly durationMs: Millis | null;
}

/** The agents give it back to people: why, what was tried, and what makes them try again. */
export function commentOnNeedsHuman(
  task: Task,
  why: { readonly reason: FailureReason; readonly summary: string },
  blockedLabel: string,
  tried: readonly Tried[] = [],
  ahead: SelfRecovery | null = null,
): string {
  const isPullRequest = pullRequestNumberOf(task.subject) !== null;
  const nothingToDo = why.reason === "no-change-needed";
  const again = isPullRequest ? "push to its branch" : "edit the issue";
  return [
    nothingToDo ? "# Nothing to change" : `# Blocker: ${why.reason}`,
    "",
    nothingToDo
      ? "The agent says that the repository already does what the issue asks, and changed no file:"
      : `- Failure reason: ${code(why.reason)}`,
    ...(nothingToDo ? [] : [`- Attempts: ${task.attempts} of ${task.maxAttempts}`]),
    "",
    quote(neutralise(why.summary, null)),
    "",
    ...(nothingToDo ? [] : triedLines(tried, why.reason)),
    `${nothingToDo ? "Close the issue if that is so." : whatComes(ahead)} To have it tried again${ahead && !nothingToDo ? " before that" : ""}, take the label ${code(blockedLabel)} off, or ${again}.`,
  ].join("\n");
}

function whatComes(ahead: SelfRecovery | null): string {
  if (ahead === null) return "The agents stop here.";
  const { afterMs, rounds, needsNewBase } = ahead;
  const when = `after ${Math.ceil(afterMs / 60_000)} min${needsNewBase ? " and once the base branch has moved on" : ""}`;
  return `It is tried again by itself ${when}, ${rounds === 1 ? "once" : `up to ${rounds} times`}.`;
}

/** A task that was snoozed or replayed may have had many; the newest tell enough. */
const maxTried = 10;

function triedLines(tried: readonly Tried[], reason: string): readonly string[] {
  if (tried.length === 0) return [];
  const shown = tried.slice(-maxTried);
  const left = tried.length - shown.length;
  return [
    "What was tried:",
    "",
    ...(left > 0 ? [`- ${left} earlier ${left === 1 ? "try" : "tries"}`] : []),
    ...shown.map((each) => `- Attempt ${each.attempt}: ${code(each.reason ?? reason)}, ${took(each.durationMs)}`),
    "",
  ];
}

function took(durationMs: Millis | null): string {
  if (durationMs === null) return "never started";
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 120) return `after ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `after ${minutes} min` : `after ${(minutes / 60).toFixed(1)} h`;
}
