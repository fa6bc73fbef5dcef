import { holdText, isHoldReason, unblockedBy } from "../../domain/hold-reason.ts";
import type { Task } from "../../domain/task.ts";
import { pullRequestNumberOf } from "../subjects.ts";
import { code } from "./inert-text.ts";

/**
 * What is said of a session that was ended because people acted: once, in plain words, with what it takes to go on.
 * Null where there is nothing to say: whoever stopped it with our own command knows.
 */
export function commentOnVoided(task: Task, reason: string, blockedLabel: string): string | null {
  return comment(task, reason, blockedLabel, {
    before: (what) => `An agent was working on this ${what} and was stopped: `,
    after: "Nothing of its work was published.",
  });
}

/** The same of work that was done, when its result was still on the way. */
export function commentOnWithdrawn(task: Task, reason: string, blockedLabel: string): string | null {
  return comment(task, reason, blockedLabel, {
    before: (what) => `An agent's work on this ${what} was done and about to be published, and was held back: `,
    after: "What was not on the forge yet was taken back.",
  });
}

function comment(
  task: Task,
  reason: string,
  blockedLabel: string,
  words: { readonly before: (what: string) => string; readonly after: string },
): string | null {
  const isPullRequest = pullRequestNumberOf(task.subject) !== null;
  const said = sayingOf(isPullRequest && reason === "edited" ? "superseded" : reason, isPullRequest, blockedLabel);
  if (!said) return null;
  const what = isPullRequest ? "pull request" : "issue";
  return [
    "# Stopped",
    "",
    `${words.before(what)}${said.happened}. ${words.after}`,
    "",
    `To go on: ${said.toGoOn}.`,
  ].join("\n");
}

/** Whether a person is asked to look before anything is done again. */
export const asksOnVoided = (reason: string): boolean => reason === "drift-asked";

interface Saying {
  readonly happened: string;
  readonly toGoOn: string;
}

function sayingOf(reason: string, isPullRequest: boolean, blockedLabel: string): Saying | null {
  switch (reason) {
    case "edited":
      return {
        happened: "its text, or a comment that counts, was changed after it had begun",
        toGoOn: "nothing is needed; it starts over with the text as it is now",
      };
    case "drift-asked":
      return {
        happened:
          "its text, or a comment that counts, was changed after it had begun, and the profile asks a person then",
        toGoOn: `read what was changed, and take the label ${code(blockedLabel)} off to have it worked as it is now`,
      };
    case "superseded":
      return isPullRequest
        ? {
            happened: "somebody pushed to its branch, and that work stands",
            toGoOn: "nothing is needed; what the branch needs now is decided anew",
          }
        : { happened: "it was changed after it had begun", toGoOn: "nothing is needed; newer work takes its place" };
    case "not-wanted":
      return {
        happened: "it is closed, or the label that asked for this work is gone",
        toGoOn: "reopen it, or have somebody with permission set the label again",
      };
    case "cancelled":
      return null;
    default:
      return isHoldReason(reason) ? { happened: holdText(reason), toGoOn: unblockedBy(reason) } : null;
  }
}
