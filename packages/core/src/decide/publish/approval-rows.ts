import type { ChangedFile } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import { approvalNeeded, isPublishing, type NewOutboxRow } from "../../domain/outbox.ts";
import type { LabelNames } from "../../domain/policy.ts";
import type { Task } from "../../domain/task.ts";
import { pullRequestNumberOf } from "../subjects.ts";
import { code, neutralise } from "./inert-text.ts";
import { numberOf, type PublishTarget, row } from "./publish-rows.ts";

export { approvalNeeded } from "../../domain/outbox.ts";

type Labels = Pick<LabelNames, "humanReview" | "humanApproved">;

/**
 * The rows of work that passed its checks and that a person has to approve: what would publish it is held back from the
 * beginning, and one comment says what was found and how to let it go.
 */
export function rowsForApproval(
  target: PublishTarget,
  labels: Labels,
  task: Task,
  attemptKey: string,
  asked: readonly GuardFinding[],
  rows: readonly NewOutboxRow[],
  files: readonly ChangedFile[] = [],
): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const held = new Set<string>();
  for (const each of rows) {
    if (isPublishing(each.kind) || (each.needsKey !== undefined && held.has(each.needsKey))) {
      held.add(each.idempotencyKey);
    }
  }
  const shown = row(target, task, attemptKey, "remove-labels", { number, labels: [labels.humanReview] }, "approved");
  return [
    row(
      target,
      task,
      attemptKey,
      "comment",
      { number, body: commentOnAsked(task, labels, asked, [...statLines(files), lookedAt(attemptKey, rows)]) },
      questionPart,
    ),
    row(target, task, attemptKey, "add-labels", { number, labels: [labels.humanReview] }, "show-approval"),
    ...rows.map((each) => (held.has(each.idempotencyKey) ? { ...each, heldBack: approvalNeeded } : each)),
    { ...shown, heldBack: approvalNeeded },
  ];
}

const questionPart = "ask-approval";
export const isApprovalQuestion = ({ kind, idempotencyKey }: Pick<NewOutboxRow, "kind" | "idempotencyKey">): boolean =>
  kind === "comment" && idempotencyKey.endsWith(`/${questionPart}`);

/** The question is not asked any more. */
export function rowsOnApprovalOver(target: PublishTarget, labels: Labels, task: Task): readonly NewOutboxRow[] {
  const body = { number: numberOf(task), labels: [labels.humanReview] };
  return [row(target, task, `t${task.id}.${task.term}`, "remove-labels", body, "approval-over")];
}

const maxListed = 30;

/** Which commit would be pushed, and where the host says what is in it. */
function lookedAt(sessionId: string, rows: readonly NewOutboxRow[]): string {
  const push = rows.find(({ kind }) => kind === "push-branch") as NewOutboxRow<"push-branch"> | undefined;
  const commit = push ? `It is commit ${code(push.body.sha)}. ` : "";
  return `${commit}On its host, ${code(`acp sessions diff ${sessionId}`)} shows the change, and ${code(`acp sessions show ${sessionId}`)} says which checks it passed.`;
}

const maxStat = 10;

/** How much it changes, and where: the files with most lines first. */
function statLines(files: readonly ChangedFile[]): readonly string[] {
  if (files.length === 0) return [];
  const sum = (of: "additions" | "deletions") => files.reduce((all, file) => all + file[of], 0);
  const largest = files.toSorted((a, b) => b.additions + b.deletions - (a.additions + a.deletions));
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  return [
    `It changes ${count}, +${sum("additions")} -${sum("deletions")}:`,
    "",
    ...largest
      .slice(0, maxStat)
      .map(({ path, additions, deletions }) => `- ${code(neutralise(path, null))} +${additions} -${deletions}`),
    ...(files.length > maxStat ? [`- and ${files.length - maxStat} more`] : []),
    "",
  ];
}

function commentOnAsked(
  task: Task,
  { humanApproved }: Labels,
  asked: readonly GuardFinding[],
  toLookAt: readonly string[],
): string {
  const isPullRequest = pullRequestNumberOf(task.subject) !== null;
  const found = asked.flatMap((each) => each.found);
  const left = found.length - maxListed;
  return [
    "# Approval needed",
    "",
    `An agent's work on this ${isPullRequest ? "pull request" : "issue"} is done and its checks passed. Nothing of it was pushed yet, because it touches what a person has to agree to:`,
    "",
    ...found.slice(0, maxListed).map((each) => `- ${code(neutralise(each, null))}`),
    ...(left > 0 ? [`- and ${left} more`] : []),
    "",
    ...toLookAt,
    "",
    `To let it go, somebody with permission sets the label ${code(humanApproved)} here, from now on; one that is there already does not count. To have none of it, ${isPullRequest ? "close the pull request or push to its branch" : "close the issue or take its opt-in label off"}.`,
  ].join("\n");
}
