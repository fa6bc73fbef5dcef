import { readableLine } from "./readable-text.ts";
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
}

/** Pure. The prompt of the issue lane. */
export function renderIssuePrompt(request: IssuePromptRequest): string {
  const { templateName, template, nonce } = request;
  return renderPrompt({ templateName, template, nonce, values: issueValues(request) });
}

/** The issue lane's placeholders; the reference's names, so that its users' templates keep working. */
export function issueValues(request: IssuePromptRequest): Readonly<Record<string, PromptValue>> {
  const { issue } = request;
  return {
    ISSUE_ID: { trusted: String(issue.number) },
    ISSUE_TITLE: { untrusted: readableLine(issue.title, 300), from: "the issue's title", maxLength: 2_000 },
    // The forge made the address, from a slug that our profile checked.
    ISSUE_URL: { trusted: readableLine(issue.url, 500) },
    ISSUE_BODY: { untrusted: issue.body === "" ? "(empty)" : issue.body, from: "the issue's description" },
    ISSUE_AUTOMERGE: { trusted: "no" },
    ISSUE_RECURRING_CONTEXT: { trusted: "" },
    ISSUE_BLOCKER_CONTEXT: earlierAttempts(request),
    ISSUE_BASELINE_HEAD_SHA: { trusted: request.baseSha },
    ISSUE_BRANCH: { trusted: request.branch },
    ISSUE_VERIFICATION_COMMAND_SNIPPET: { trusted: verificationSnippet(request.verificationCommands) },
    REPO_SLUG: { trusted: request.repoSlug },
  };
}

/** The reasons are ours, but what stands behind them quotes agents: names of files, keys of results, last words. */
function earlierAttempts({ earlierAttempts }: IssuePromptRequest): PromptValue {
  if (!earlierAttempts) return { trusted: "" };
  const untrusted = `Earlier attempts at this issue did not succeed:\n${earlierAttempts}`;
  return { untrusted, from: "how earlier attempts ended, partly in their agents' words", maxLength: 8_000 };
}

function verificationSnippet(commands: readonly string[]): string {
  if (commands.length === 0) return "The project names no checks. Run the narrowest ones that show your change works.";
  return commands.map((command) => `    ${command.replaceAll("\n", "\n    ")}`).join("\n");
}
