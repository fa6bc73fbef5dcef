import { askedRow, rowOnResent } from "../decide/publish/stuck-rows.ts";
import { isPublishing, isWithdrawn, type OutboxRow } from "../domain/outbox.ts";
import type { Store } from "../store/store.ts";

/**
 * Sends what the forge refused of a task's publishing once more, with what waited for it, and takes back the label by
 * which people were asked. Safe to repeat. Answers how many writes go on.
 */
export async function resend({ outbox }: Pick<Store, "outbox">, taskId: number, actor: string): Promise<number> {
  const asked = askedRow(await outbox.list({ taskId }), null);
  return outbox.resend(taskId, actor, asked ? [rowOnResent(asked)] : []);
}

/**
 * A person's word that one write is tried again. Of refused publishing all goes on: a pull request without its push, or
 * without the comment that names it, is of no use. What is held back stays so. Null when there is no such row.
 */
export async function retryWrite(store: Pick<Store, "outbox">, id: number, actor: string): Promise<OutboxRow | null> {
  const row = await store.outbox.get(id);
  if (row?.state === "failed" && row.taskId !== null && isOfPublishing(row)) await resend(store, row.taskId, actor);
  const after = await store.outbox.get(id);
  return after?.state === "failed" || row?.state === "pending" ? store.outbox.retry(id, actor) : after;
}

const isOfPublishing = (row: OutboxRow): boolean =>
  (isPublishing(row.kind) && !isWithdrawn(row)) || row.lastError === "needed-write-failed";
