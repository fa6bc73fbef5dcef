import { type FailedCheck, type JobLog, type PromptComment, readableLine } from "@agent-control-plane/core";
import type { PromptValue } from "./render-prompt.ts";

/** What the prompts of all lanes have in common. */

export const nothing: PromptValue = { trusted: "" };

/** The reasons are ours, but what stands behind them quotes agents: names of files, keys of results, last words. */
export function earlierAttemptsValue(earlierAttempts: string, what: string): PromptValue {
  if (earlierAttempts === "") return nothing;
  const untrusted = `Earlier attempts at this ${what} did not succeed:\n${earlierAttempts}`;
  return {
    untrusted,
    from: "how earlier attempts ended, with what checks printed and partly in their agents' words",
    maxLength: 14_000,
  };
}

/** One block for all of them: what one says cannot end the fence around the others. */
export function commentsValue(comments: readonly PromptComment[], from: string): PromptValue {
  if (comments.length === 0) return nothing;
  const untrusted = comments.map(({ author, body }) => `--- ${author} wrote:\n${body}`).join("\n\n");
  return { untrusted, from, maxLength: 40_000 };
}

export function verificationSnippet(commands: readonly string[]): string {
  if (commands.length === 0) return "The project names no checks. Run the narrowest ones that show your change works.";
  return commands.map((command) => `    ${command.replaceAll("\n", "\n    ")}`).join("\n");
}

/** A list of texts from outside, one a line; `otherwise` is ours. */
export function linesValue(lines: readonly string[], from: string, otherwise: string): PromptValue {
  if (lines.length === 0) return { trusted: otherwise };
  return { untrusted: lines.map((line) => `- ${line}`).join("\n"), from, maxLength: 20_000 };
}

/** From outside, name and all. */
export function failureLine({ name, url, summary, isOfBase }: FailedCheck): string {
  const note = isOfBase ? " (fails on the base branch too: not to be put right here)" : "";
  return `${name}${url ? ` (${url})` : ""}${note}: ${summary}`;
}

/** From outside as well. */
export function logText({ name, text, marks }: JobLog): string {
  const check = readableLine(name, 200);
  return [
    ...(marks === undefined ? [] : [`--- what ${check} marked in the code:\n${marks}`]),
    ...(text === "" ? [] : [`--- the last lines of ${check}:\n${text}`]),
  ].join("\n\n");
}
