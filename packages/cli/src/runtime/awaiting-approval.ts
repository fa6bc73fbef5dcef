import { isAwaiting, type OutboxRow, type Store } from "@agent-control-plane/core";
import type { Awaiting } from "./status.ts";

/** What waits for a person's approval, oldest first: a task once, however many of its writes are held back. */
export async function awaitingApproval(store: Store, failed: readonly OutboxRow[]): Promise<readonly Awaiting[]> {
  const held = sinceWhen(failed);
  const found: Awaiting[] = [];
  for (const [taskId, since] of held) {
    const task = await store.tasks.get(taskId);
    if (!task) continue;
    const sessions = await store.sessions.list({ taskId });
    const session = sessions.findLast(({ kind, outcome }) => kind === "agent" && outcome !== null)?.id ?? null;
    found.push({ subject: task.subject, taskId, session, since });
  }
  return found;
}

/** Task -> since when it waits. */
export async function awaitingTasks(
  { outbox }: Pick<Store, "outbox">,
  profileId?: string,
): Promise<ReadonlyMap<number, number>> {
  return sinceWhen(await outbox.list({ ...(profileId ? { profileId } : {}), states: ["failed"] }));
}

function sinceWhen(failed: readonly OutboxRow[]): ReadonlyMap<number, number> {
  const since = new Map<number, number>();
  for (const row of failed) {
    if (row.taskId !== null && isAwaiting(row) && !since.has(row.taskId)) since.set(row.taskId, row.createdAt);
  }
  return since;
}
