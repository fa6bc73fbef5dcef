import {
  type JobLog,
  ledgerOf,
  type PullRequestPayload,
  type ReviewLedger,
  readableLine,
} from "@agent-control-plane/core";
import {
  commentsValue,
  earlierAttemptsValue,
  failureLine,
  linesValue,
  logText,
  verificationSnippet,
} from "./prompt-values.ts";
import { type PromptValue, renderPrompt } from "./render-prompt.ts";

export interface PullRequestPromptRequest {
  readonly templateName: string;
  readonly template: string;
  readonly nonce: string;
  readonly lane: string;
  readonly pullRequest: PullRequestPayload;
  readonly repoSlug: string;
  readonly verificationCommands: readonly string[];
  /** Paths that conflict when the head is merged with the base. */
  readonly conflicts: readonly string[];
  /** What failed jobs printed at last. */
  readonly logs?: readonly JobLog[];
  readonly earlierAttempts?: string;
}

/** Pure. The prompt of a pull request's lane. */
export function renderPullRequestPrompt(request: PullRequestPromptRequest): string {
  const { templateName, template, nonce } = request;
  return renderPrompt({ templateName, template, nonce, values: pullRequestValues(request) });
}

/** The placeholders of the pull request lanes; the reference's names, where we have what they stand for. */
export function pullRequestValues(request: PullRequestPromptRequest): Readonly<Record<string, PromptValue>> {
  const { pullRequest, conflicts } = request;
  const { headRef, baseRef, body, round } = pullRequest;
  const isClean = conflicts.length === 0;
  return {
    PR_NUMBER: { trusted: String(pullRequest.number) },
    PR_TITLE: { untrusted: readableLine(pullRequest.title, 300), from: "the pull request's title", maxLength: 2_000 },
    // The forge made the address, from a slug that our profile checked.
    PR_URL: { trusted: readableLine(pullRequest.url, 500) },
    PR_BODY: { untrusted: body === "" ? "(empty)" : body, from: "the pull request's description" },
    PR_HEAD_REF: { trusted: refName(headRef) },
    PR_HEAD_SHA: { trusted: pullRequest.headSha },
    PR_BASE_REF: { trusted: refName(baseRef) },
    PR_BASE_TRACKING_REF: { trusted: `origin/${refName(baseRef)}` },
    PR_DIFF_RANGE: { trusted: `origin/${refName(baseRef)}...HEAD` },
    PR_RISK: { trusted: readableLine(pullRequest.risk, 200) },
    PR_AGENT_LANE: { trusted: request.lane },
    PR_DOUBLE_CHECK_STAGE: { trusted: String(round) },
    PR_REVIEW_STAGE_TEXT: { trusted: reviewStage(round) },
    PR_REVIEW_SCOPE_TEXT: { trusted: reviewScope(pullRequest) },
    PR_OPEN_FINDINGS_TEXT: openFindings(pullRequest),
    PR_CHECK_FAILURES_TEXT: linesValue(
      pullRequest.failures.map(failureLine),
      "what its checks say of their failures",
      "No check of this head is known to have failed.",
    ),
    PR_CHECK_LOGS_TEXT: checkLogs(request.logs ?? []),
    PR_MISSING_REASONS_TEXT: linesValue(
      pullRequest.missing,
      "what stands between it and a merge",
      "Nothing else is known to be missing.",
    ),
    PR_CONFLICT_PATHS_TEXT: linesValue(
      conflicts,
      "the paths that conflict with the base",
      "No path conflicts with the base.",
    ),
    PR_HOST_MERGE_STATUS: { trusted: isClean ? "clean" : "conflicted" },
    PR_HOST_MERGE_SUMMARY_TEXT: {
      trusted: isClean
        ? "The host tried the merge: it has no conflicts."
        : `The host tried the merge: ${conflicts.length} of its paths conflict.`,
    },
    PR_REVIEW_FINDINGS_TEXT:
      pullRequest.findings.length === 0
        ? { trusted: "No review of this head asks for anything." }
        : commentsValue(pullRequest.findings, "what reviews of this head ask for"),
    PR_BLOCKER_SUMMARY_TEXT: earlierAttemptsValue(request.earlierAttempts ?? "", "pull request"),
    PR_VERIFICATION_COMMAND_SNIPPET: { trusted: verificationSnippet(request.verificationCommands) },
    REPO_SLUG: { trusted: request.repoSlug },
  };
}

/** The worktree refuses other names, so what stands here is a name and no sentence. */
const refName = (name: string): string => (/^[A-Za-z0-9._/+#@=-]{1,200}$/.test(name) ? name : "(a name not shown)");

const reviewStage = (round: number): string =>
  round <= 1
    ? "This is the first independent review of this head."
    : "This is the second, independent review of this head. You are not told what anybody else found: judge for yourself.";

const ledgerOfReview = ({ review, round }: PullRequestPayload): ReviewLedger | null =>
  review ? ledgerOf(review.ledgers, round) : null;

/** A later round judges what was open and what is new, so that reviews come to an end. */
function reviewScope(pullRequest: PullRequestPayload): string {
  const before = ledgerOfReview(pullRequest);
  const head = /^[0-9a-f]{40,64}$/.test(before?.headSha ?? "") ? before?.headSha : null;
  const { open, closed } = before ?? { open: [], closed: [] };
  const used = [...open.map(({ id }) => id), ...closed];
  if (!head && used.length === 0) return "Nothing of it was reviewed before: judge all of it.";
  return [
    head
      ? `You reviewed it before, at commit ${head}. Judge two things and nothing else:`
      : "You reviewed it before, against another base. Judge two things:",
    "",
    open.length === 0
      ? "1. No finding of yours is open."
      : "1. Each of your open findings, listed below: it goes into `resolved` when it is settled now. One that is not stays\n   open; list it again under its id only when you have something new to say of it. Listing it\n   as less severe changes nothing: resolve it, and say what is left of it under a new id.",
    head
      ? `2. What changed since: \`git diff ${head}..HEAD\`. (If that commit is not here any more, the history was rewritten: judge\n   the whole change.) The rest was reviewed already, and stands.`
      : "2. The whole change: against its present base nobody has looked at it yet.",
    ...(used.length === 0 ? [] : ["", `New findings have new ids; these are taken: ${used.slice(-200).join(", ")}.`]),
  ].join("\n");
}

function checkLogs(logs: readonly JobLog[]): PromptValue {
  if (logs.length === 0) return { trusted: "No log of a failed check is at hand." };
  return { untrusted: logs.map(logText).join("\n\n"), from: "what failed checks printed", maxLength: 60_000 };
}

function openFindings(pullRequest: PullRequestPayload): PromptValue {
  const open = ledgerOfReview(pullRequest)?.open ?? [];
  if (open.length === 0) return { trusted: "None." };
  const text = open.map(({ id, severity, path, line, title, detail }) => {
    const where = path === null ? "" : ` ${path}${line === null ? "" : `:${line}`}`;
    return `[${id}] ${severity}${where}: ${title}${detail ? `\n${detail}` : ""}`;
  });
  return { untrusted: text.join("\n\n"), from: "the open findings of your earlier review", maxLength: 40_000 };
}
