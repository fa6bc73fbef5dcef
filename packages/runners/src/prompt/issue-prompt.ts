import { type IssuePayload, type PromptComment, readableLine } from "@agent-control-plane/core";
import { commentsValue, earlierAttemptsValue, nothing, verificationSnippet } from "./prompt-values.ts";
import { type PromptValue, renderPrompt } from "./render-prompt.ts";

export interface IssuePromptRequest {
  readonly templateName: string;
  readonly template: string;
  readonly nonce: string;
  readonly issue: { readonly number: number; readonly title: string; readonly url: string; readonly body: string };
  readonly repoSlug: string;
  readonly branch: string;
  readonly baseSha: string;
  /** The profile's verification commands, as the host will run them. */
  readonly verificationCommands: readonly string[];
  /** Why an earlier attempt failed; quotes the agent of that attempt. Empty at the first. */
  readonly earlierAttempts?: string;
  /** Of people whose comments count. */
  readonly comments?: readonly PromptComment[];
  /** Of a recovery: why it was blocked before. */
  readonly blocker?: IssuePayload["blocker"];
}

/** Pure. The prompt of an issue's lane. */
export function renderIssuePrompt(request: IssuePromptRequest): string {
  const { templateName, template, nonce } = request;
  return renderPrompt({ templateName, template, nonce, values: issueValues(request) });
}

/** The issue lanes' placeholders; the reference's names, so that its users' templates keep working. */
export function issueValues(request: IssuePromptRequest): Readonly<Record<string, PromptValue>> {
  const { issue } = request;
  return {
    ISSUE_ID: { trusted: String(issue.number) },
    ISSUE_TITLE: { untrusted: readableLine(issue.title, 300), from: "the issue's title", maxLength: 2_000 },
    // The forge made the address, from a slug that our profile checked.
    ISSUE_URL: { trusted: readableLine(issue.url, 500) },
    ISSUE_BODY: { untrusted: issue.body === "" ? "(empty)" : issue.body, from: "the issue's description" },
    ISSUE_COMMENTS: commentsValue(request.comments ?? [], "the comments on the issue, oldest first"),
    ISSUE_AUTOMERGE: { trusted: "no" },
    ISSUE_RECURRING_CONTEXT: nothing,
    ISSUE_BLOCKER_CONTEXT: blockerContext(request),
    ISSUE_BASELINE_HEAD_SHA: { trusted: request.baseSha },
    ISSUE_BRANCH: { trusted: request.branch },
    ISSUE_VERIFICATION_COMMAND_SNIPPET: { trusted: verificationSnippet(request.verificationCommands) },
    REPO_SLUG: { trusted: request.repoSlug },
  };
}

/** A recovery is told why its issue was blocked, and its later attempts what became of the earlier ones, too. */
function blockerContext({ blocker, earlierAttempts = "" }: IssuePromptRequest): PromptValue {
  if (!blocker) return earlierAttemptsValue(earlierAttempts, "issue");
  const untrusted = [
    `This issue was blocked, and its recovery number ${blocker.round} is yours. Why it was blocked:`,
    `- ${blocker.reason}: ${blocker.summary}`,
    ...(earlierAttempts === "" ? [] : ["Earlier attempts at this recovery did not succeed:", earlierAttempts]),
  ].join("\n");
  return { untrusted, from: "why the issue was blocked, partly in an agent's words", maxLength: 16_000 };
}
