import { createHash } from "node:crypto";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { isInRepository, isOnAgentBranch } from "../branches.ts";
import { code, neutralise, quote } from "../publish/inert-text.ts";
import { issueSubject, pullRequestSubject, streamOf } from "../subjects.ts";
import { hasLabel } from "../trust.ts";
import { tickChecklist } from "./checklist.ts";
import type { LinkedIssue } from "./linked-issues.ts";

export interface Merged {
  /** As the forge showed it, merged, just now. */
  readonly pullRequest: PullRequest;
  readonly linked: readonly LinkedIssue[];
  readonly openPullRequests: readonly PullRequest[];
  /** The branch that the profile follows. */
  readonly baseBranch: string;
}

/**
 * What follows a merge that the forge shows, whoever made it: our branch goes, at the head that was merged or not at all;
 * issues are closed, or kept with their task list ticked. Keys name the pull request, so asking again asks for nothing.
 */
export function rowsOnMerged(merged: Merged, policy: SchedulingPolicy): readonly NewOutboxRow[] {
  if (!merged.pullRequest.merged) return [];
  return [...rowsOnBranch(merged, policy), ...merged.linked.flatMap((issue) => rowsOnIssue(merged, issue, policy))];
}

/** Another open pull request from it, or onto it, would be closed with it. */
function rowsOnBranch({ pullRequest, openPullRequests, baseBranch }: Merged, policy: SchedulingPolicy): NewOutboxRow[] {
  const { number, headRef: branch, headSha: sha } = pullRequest;
  const { profileId, slug, merge } = policy;
  if (!merge.deleteBranch || !isOnAgentBranch(pullRequest, profileId, slug) || branch === baseBranch) return [];
  const others = openPullRequests.filter((open) => open.number !== number);
  if (others.some((open) => open.baseRef === branch || (open.headRef === branch && isInRepository(open, slug))))
    return [];
  const stream = streamOf(profileId, pullRequestSubject(number));
  const idempotencyKey = `${stream}/merged/${sha}/delete-branch`;
  return [{ profileId, kind: "delete-branch", stream, idempotencyKey, body: { branch, sha } }];
}

/** What is merged elsewhere than into the branch we follow has not arrived; what is closed already has nothing to be done. */
function rowsOnIssue(
  { pullRequest, baseBranch }: Merged,
  { issue, isClosedByIt, wasWorked }: LinkedIssue,
  { profileId, labels, merge }: SchedulingPolicy,
): NewOutboxRow[] {
  const isOurs = wasWorked || hasLabel(issue, labels.ready);
  if (!isOurs || issue.state !== "open" || pullRequest.baseRef !== baseBranch) return [];
  const { number } = issue;
  const stream = streamOf(profileId, issueSubject(number));
  const key = `${stream}/merged/pr:${pullRequest.number}`;
  const shared = { profileId, stream };
  if (!hasLabel(issue, labels.keepOpen)) {
    if (!merge.closeLinkedIssues || !isClosedByIt) return [];
    const body = { number, reason: "completed" as const };
    return [{ ...shared, kind: "close-issue", idempotencyKey: `${key}/close`, body }];
  }
  const { body, ticked } = tickChecklist(issue.body, pullRequest);
  const said = commentOnKept(pullRequest, labels.keepOpen, ticked);
  return [
    ...(ticked.length === 0
      ? []
      : [
          {
            ...shared,
            kind: "update-issue" as const,
            idempotencyKey: `${key}/checklist`,
            body: { number, expectedBodySha: hashOf(issue.body), title: null, body },
          },
        ]),
    { ...shared, kind: "comment", idempotencyKey: `${key}/kept-open`, body: { number, body: said } },
  ];
}

function commentOnKept({ number }: PullRequest, keepOpen: string, ticked: readonly string[]): string {
  const entries = ticked.map((text) => quote(neutralise(text, number)));
  return [
    "# Merged",
    "",
    `Pull request #${number} was merged. This issue stays open: it carries ${code(keepOpen)}.`,
    ...(entries.length === 0 ? [] : ["", "Entries of its task list that this does:", "", entries.join("\n>\n")]),
  ].join("\n");
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
