import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Profile, type Session, type Task, UserError } from "@agent-control-plane/core";
import { renderIssuePrompt } from "./prompt/index.ts";

const templateName = "issue-prompt-template.md";

/** The prompt of one attempt at an issue. Throws `UserError` for a template that is missing or names unknown values. */
export function agentPrompt(of: {
  readonly profile: Profile;
  readonly session: Session;
  readonly task: Task;
  readonly templateFolders: readonly string[];
}): string {
  const { profile, session, task } = of;
  const file = profile.prompts.issue ?? findTemplate(of.templateFolders);
  return renderIssuePrompt({
    templateName: file,
    template: readTemplate(file),
    nonce: randomBytes(12).toString("hex"),
    issue: issueOf(task),
    repoSlug: profile.repo.slug,
    branch: session.branch,
    baseSha: session.startSha,
    verificationCommands: profile.verification.commands.map(({ command }) => command),
    earlierAttempts: earlierAttempts(task),
  });
}

/** The issue as it was when the task was made: what the run is pinned to. */
export function issueOf(task: Task): {
  readonly number: number;
  readonly title: string;
  readonly url: string;
  readonly body: string;
} {
  const payload = (task.payload ?? {}) as { readonly [key: string]: unknown };
  const text = (key: string) => (typeof payload[key] === "string" ? payload[key] : "");
  return { number: Number(payload.number ?? 0), title: text("title"), url: text("url"), body: text("body") };
}

function earlierAttempts(task: Task): string {
  const { summary } = (task.result ?? {}) as { readonly summary?: unknown };
  if (task.reason === null || typeof summary !== "string") return "";
  return `- ${task.reason}: ${summary}`;
}

function findTemplate(folders: readonly string[]): string {
  const found = folders.map((folder) => join(folder, templateName)).find((file) => existsSync(file));
  if (found) return found;
  throw new UserError(
    `There is no ${templateName} in ${folders.join(" or ")}. Install the package again, or put one there.`,
  );
}

function readTemplate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `Prompt template ${file} cannot be read: ${error instanceof Error ? error.message : error}. Check "prompts.issue" in the profile.`,
      { cause: error },
    );
  }
}
