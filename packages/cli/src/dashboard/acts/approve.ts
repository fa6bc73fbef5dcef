import {
  isApprovalQuestion,
  isAwaiting,
  itemNumberOf,
  loadProfile,
  type OutboxRow,
  type Store,
  type Task,
  UserError,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import * as z from "zod";
import type { CliContext } from "../../context.ts";
import { setLabels } from "../../operator/issue-actions.ts";
import { withStore, withStoreToRead } from "../../store/with-store.ts";
import { actOf } from "./act.ts";
import { rowNumber } from "./fields.ts";

/** `write`: one that is held back; `task`: whose writes are. */
const shape = { write: rowNumber.optional(), task: rowNumber.optional(), sha: z.string().max(64).optional() };

/**
 * `acp issue label <number> --add agent-human-approved`: the label is what approves, so that the forge shows who let it go,
 * and a page is no second way. Refused where the label would not count.
 */
export const approve = actOf(shape, async (context, body, by) => {
  const task = await withStoreToRead(context.home, null, (store) => awaitingTask(store, body));
  const number = task && itemNumberOf(task.subject);
  if (!task || number === null) throw nothingWaits("Nothing of it");
  const label = await setAnew(context, task.queue, number);
  const { queue: profileId, subject, id: taskId } = task;
  const event = { actor: by, kind: "approval.given", profileId, subject, taskId, body: { number, label } };
  await withStore(context.home, (store) => store.events.append(event));
  const message =
    `#${number} has the label ${label} now. The work goes out when the runtime has seen it, ` +
    "if the account that this profile acts with may approve.";
  return { status: "approved", message, result: { profileId, subject, taskId, number, label } };
});

interface Named {
  readonly write?: number | undefined;
  readonly task?: number | undefined;
  readonly sha?: string | undefined;
}

async function awaitingTask(store: Store, { write, task: named, sha }: Named): Promise<Task> {
  if ((write === undefined) === (named === undefined))
    throw new UserError('Name either a "write" or a "task".', { exitCode: 64 });
  const row = write === undefined ? null : await store.outbox.get(write);
  const taskId = named ?? row?.taskId ?? null;
  const rows = taskId === null ? [] : await store.outbox.list({ taskId });
  const what = write === undefined ? `Task ${named}` : `Write ${write}`;
  if (taskId === null || (row && !isAwaiting(row)) || !rows.some(isAwaiting)) throw nothingWaits(what);
  // One that is on its way asks nobody yet, and a label before it would not count.
  if (!rows.some((each) => isApprovalQuestion(each) && each.state === "sent"))
    throw new UserError(`${what} cannot be approved yet: the comment that says what is asked is not on its item.`, {
      exitCode: 1,
    });
  if (sha !== undefined && !rows.some((each) => isPushOf(each, sha)))
    throw new UserError(`${what} has other work now than the one that was looked at. Look again.`, { exitCode: 1 });
  const task = await store.tasks.get(taskId);
  if (!task) throw nothingWaits(what);
  return task;
}

/** A label that was there before does not count: it has to be set again. */
async function setAnew(context: CliContext, profileId: string, number: number): Promise<string> {
  const { humanApproved } = loadProfile(context.home, profileId, context.env, backends).queue.labels;
  const there = await setLabels(context, profileId, number, { add: [], remove: [] });
  if (there.some((each) => each.toLowerCase() === humanApproved.toLowerCase()))
    await setLabels(context, profileId, number, { add: [], remove: [humanApproved] });
  await setLabels(context, profileId, number, { add: [humanApproved], remove: [] });
  return humanApproved;
}

const isPushOf = ({ kind, body }: OutboxRow, sha: string): boolean =>
  kind === "push-branch" && (body as { readonly sha?: unknown }).sha === sha;

const nothingWaits = (what: string): UserError =>
  new UserError(`${what} does not wait for an approval. "acp outbox list" shows what does.`, { exitCode: 1 });
