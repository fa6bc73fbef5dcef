import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isLane,
  type Lane,
  type LaunchFindings,
  lanePayloadOf,
  type Profile,
  type Session,
  type Task,
  UserError,
} from "@agent-control-plane/core";
import { earlierAttemptsText, renderIssuePrompt, renderPullRequestPrompt, renderResumePrompt } from "./prompt/index.ts";

/** The file that is looked for in the template folders. */
const templateNames: { readonly [lane in Lane]: string } = {
  "issue-implementation": "issue-prompt-template.md",
  "blocked-recovery": "issue-prompt-template.md",
  "scheduled-check": "scheduled-issue-prompt-template.md",
  "pr-review": "pr-review-template.md",
  "pr-fix": "pr-fix-template.md",
  "pr-merge-repair": "pr-merge-repair-template.md",
};

/** For a session that goes on with its backend's own conversation, whatever its lane. */
const resumeTemplate = "resume-prompt-template.md";

/** The prompt of one attempt of a lane. Throws `UserError` for a template that is missing or names unknown values. */
export function agentPrompt(of: {
  readonly profile: Profile;
  readonly session: Session;
  readonly task: Task;
  readonly found: LaunchFindings;
  readonly templateFolders: readonly string[];
}): string {
  const { profile, session, task } = of;
  const lane = isLane(task.lane) ? task.lane : "issue-implementation";
  const { resume = null } = of.found;
  const isNative = resume?.rung === "native";
  const file = isNative
    ? templateIn(of.templateFolders, resumeTemplate)
    : templateFor(lane, profile, of.templateFolders);
  const payload = lanePayloadOf(task);
  const common = {
    templateName: file,
    template: readTemplate(file),
    nonce: randomBytes(12).toString("hex"),
    repoSlug: profile.repo.slug,
    verificationCommands: profile.verification.commands.map(({ command }) => command),
    earlierAttempts: resume ? earlierAttemptsText(resume.earlier) : earlierAttempts(task),
  };
  if (isNative) {
    const { branch, startSha } = session;
    const { conflicts, logs = [] } = of.found;
    return renderResumePrompt({ ...common, lane, payload, branch, startSha, resume, conflicts, logs });
  }
  if (payload.kind === "pull-request") {
    const { conflicts, logs = [] } = of.found;
    return renderPullRequestPrompt({ ...common, lane, pullRequest: payload, conflicts, logs });
  }
  return renderIssuePrompt({
    ...common,
    issue: payload,
    branch: session.branch,
    baseSha: session.startSha,
    comments: payload.comments,
    blocker: payload.blocker,
  });
}

function earlierAttempts(task: Task): string {
  const { summary } = (task.result ?? {}) as { readonly summary?: unknown };
  if (task.reason === null || typeof summary !== "string") return "";
  return `- ${task.reason}: ${summary}`;
}

/** The profile's own file for the lane wins over the folders. */
function templateFor(lane: Lane, profile: Profile, folders: readonly string[]): string {
  const name = templateNames[lane];
  const own = name === templateNames["issue-implementation"] ? profile.prompts.issue : null;
  return own ?? templateIn(folders, name);
}

function templateIn(folders: readonly string[], name: string): string {
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found) return found;
  throw new UserError(`There is no ${name} in ${folders.join(" or ")}. Install the package again, or put one there.`);
}

function readTemplate(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `Prompt template ${file} cannot be read: ${error instanceof Error ? error.message : error}. Check "prompts" in the profile.`,
      { cause: error },
    );
  }
}
