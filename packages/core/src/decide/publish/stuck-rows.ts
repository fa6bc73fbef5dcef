import { fieldsOf } from "../../domain/fields.ts";
import type { NewOutboxRow, OutboxBodies, OutboxKind, OutboxRow } from "../../domain/outbox.ts";
import type { RefusedWrite } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import { code, neutralise, quote } from "./inert-text.ts";
import { numberOf, type PublishTarget, row } from "./publish-rows.ts";

/** What a person is asked when the forge refused what was to show finished work. */
export function rowsOnStuck(target: PublishTarget, task: Task, refused: RefusedWrite): readonly NewOutboxRow[] {
  const number = numberOf(task);
  const labels = [target.labels.blocked];
  const body = commentOnStuck(task, refused, target.labels.blocked);
  return [
    row(target, task, attemptKey(task), "comment", { number, body }, `${partOf(refused)}/comment`),
    row(target, task, attemptKey(task), "add-labels", { number, labels }, `${partOf(refused)}/${askedPart}`),
  ];
}

/** It is being sent again: nobody is asked any more. */
export const rowOnResent = (asked: OutboxRow): NewOutboxRow<"remove-labels"> => ({
  profileId: asked.profileId,
  kind: "remove-labels",
  stream: asked.stream,
  idempotencyKey: `${asked.idempotencyKey}/resent`,
  body: asked.body as OutboxBodies["add-labels"] & { readonly number: number },
});

/** Of a task's rows the one that asked people about this refusal; about any, when none is named: the newest. */
export function askedRow(rows: readonly OutboxRow[], refused: RefusedWrite | null): OutboxRow | undefined {
  const end = refused === null ? `/${askedPart}` : `/${partOf(refused)}/${askedPart}`;
  return rows.findLast(({ idempotencyKey }) => idempotencyKey.includes("/stuck/") && idempotencyKey.endsWith(end));
}

const askedPart = "asked";
const partOf = ({ rowId, dueAt }: RefusedWrite): string => `stuck/${rowId}/${dueAt}`;
const attemptKey = ({ id, term }: Task): string => `t${id}.${term}`;

const what: { readonly [kind in OutboxKind]?: string } = {
  "push-branch": "the push of its branch",
  "open-pull-request": "its pull request",
  merge: "its merge",
  "create-issue": "one of its follow-up issues",
  "close-issue": "closing it",
};

function commentOnStuck(task: Task, { rowId, kind, error }: RefusedWrite, blockedLabel: string): string {
  const headSha = fieldsOf(task.result).headSha;
  return [
    "# Blocker: host-publish-failed",
    "",
    `- Failure reason: ${code("host-publish-failed")}`,
    ...(headSha === null ? [] : [`- Verified commit: ${headSha}, kept on the agents' host`]),
    `- Refused: ${what[kind] ?? code(kind)} (outbox row ${rowId})`,
    "",
    quote(neutralise(error, null)),
    "",
    `The work is done, and no agent runs again for it. To have it sent again, take the label ${code(blockedLabel)} off, or run ${code(`acp outbox retry ${rowId}`)}.`,
  ].join("\n");
}
