import {
  type JobLog,
  type Lane,
  type LanePayload,
  laneContracts,
  type PullRequestPayload,
  type ResumeFindings,
} from "@agent-control-plane/core";
import { earlierAttemptsText } from "./earlier-attempts-text.ts";
import { failureLine, logText, nothing, verificationSnippet } from "./prompt-values.ts";
import { type PromptValue, renderPrompt } from "./render-prompt.ts";

export interface ResumePromptRequest {
  readonly templateName: string;
  readonly template: string;
  readonly nonce: string;
  readonly lane: Lane;
  readonly payload: LanePayload;
  readonly repoSlug: string;
  readonly branch: string;
  /** What the work is counted from. */
  readonly startSha: string;
  readonly verificationCommands: readonly string[];
  readonly conflicts: readonly string[];
  /** What failed jobs printed at last. */
  readonly logs?: readonly JobLog[];
  readonly resume: ResumeFindings;
}

/**
 * Pure. What is said to an agent that goes on with its own conversation: what the host found and what is expected now.
 * It knows the rest, but for texts that have changed and what a pull request's new round is about.
 */
export function renderResumePrompt(request: ResumePromptRequest): string {
  const { templateName, template, nonce } = request;
  return renderPrompt({ templateName, template, nonce, values: resumeValues(request) });
}

export function resumeValues(request: ResumePromptRequest): Readonly<Record<string, PromptValue>> {
  const { lane, payload, resume } = request;
  const subject = `${payload.kind === "issue" ? "issue" : "pull request"} #${payload.number}`;
  return {
    RESUME_SUBJECT: { trusted: subject },
    REPO_SLUG: { trusted: request.repoSlug },
    RESUME_FOUND_TEXT: {
      untrusted: earlierAttemptsText(resume.earlier) || "- it came to its end",
      from: "how your last session ended, with what checks printed and partly in your own words",
      maxLength: 14_000,
    },
    RESUME_BRANCH: { trusted: branchName(request.branch) },
    RESUME_WORKTREE_TEXT: { trusted: worktreeText(request) },
    RESUME_CHANGED_TEXT: changedText(request),
    RESUME_ROUND_TEXT: payload.kind === "pull-request" ? roundText(request, payload) : nothing,
    RESUME_EXPECTED_TEXT: { trusted: expectedText(lane) },
    RESUME_VERIFICATION_COMMAND_SNIPPET: { trusted: verificationSnippet(request.verificationCommands) },
    RESUME_OUTCOMES: {
      trusted: Object.keys(laneContracts[lane])
        .map((outcome) => `\`"${outcome}"\``)
        .join(", "),
    },
  };
}

function worktreeText({ resume, startSha }: ResumePromptRequest): string {
  return resume.isWorkCarried
    ? `It holds the work of your last session, committed by the host where you had not: \`git diff ${startSha}\` shows all of it.`
    : `It is a clean checkout of commit \`${startSha}\`: nothing that you did not see published or pushed is in it.`;
}

/** The texts are told again only when they are not those that the conversation knows. */
function changedText(request: ResumePromptRequest): PromptValue {
  const { payload, resume } = request;
  if (!resume.isTextChanged) return nothing;
  const comments = payload.kind === "issue" ? payload.comments : [];
  const untrusted = [
    payload.title,
    payload.body === "" ? "(empty)" : payload.body,
    ...comments.map(({ author, body }) => `--- ${author} wrote:\n${body}`),
  ].join("\n\n");
  return { untrusted, from: "the present text of the work, which has changed since you read it", maxLength: 60_000 };
}

/** Checks, reviews and conflicts are of this head, and so are new in each round. */
function roundText(request: ResumePromptRequest, pullRequest: PullRequestPayload): PromptValue {
  const { conflicts, logs = [] } = request;
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ["Checks that fail:", pullRequest.failures.map((failure) => `- ${failureLine(failure)}`)],
    ["The last lines of their logs:", logs.map(logText)],
    ["What reviews ask for:", pullRequest.findings.map(({ author, body }) => `--- ${author} wrote:\n${body}`)],
    ["What else stands between it and a merge:", pullRequest.missing.map((each) => `- ${each}`)],
    ["Paths that conflict with its base:", conflicts.map((path) => `- ${path}`)],
  ];
  const untrusted = blocks
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => [title, ...lines].join("\n"))
    .join("\n\n");
  if (untrusted === "") return nothing;
  return { untrusted, from: "what is asked of the pull request's present head", maxLength: 90_000 };
}

function expectedText(lane: Lane): string {
  switch (lane) {
    case "issue-implementation":
    case "blocked-recovery":
      return "Find the cause of what is said above and put it right, in the smallest way that solves the issue completely. Never make a check pass by weakening it.";
    case "pr-fix":
      return "Put right what is said above, with the smallest change on top of this branch. Never make a check pass by weakening it.";
    case "pr-merge-repair":
      return "Complete the merge of the base into this branch, commit it, and make the checks pass. Do not rewrite commits that are there.";
    case "pr-review":
      return "Complete your review of this head. You judge, you do not repair.";
    case "scheduled-check":
      return "Complete the check and report. You look; you change nothing.";
  }
}

/** The worktree refuses other names, so what stands here is a name and no sentence. */
const branchName = (name: string): string => (/^[A-Za-z0-9._/+#@=-]{1,200}$/.test(name) ? name : "(a name not shown)");
