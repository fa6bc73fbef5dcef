import { askedRow } from "../../decide/publish/stuck-rows.ts";
import { isPublishing, isWithdrawn, type OutboxRow } from "../../domain/outbox.ts";
import type { Snapshot, Stuck } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Project } from "../project.ts";

/**
 * Work that is done and that the forge refused to take, of items that are still there, and work of which it did so
 * before and that is on its way again.
 */
export async function readStuck(
  { store, known, profileId }: Project,
  failed: readonly OutboxRow[],
  unsent: readonly Task[],
): Promise<Snapshot["stuck"]> {
  const isThere = (subject: string) => known.issues.has(subject) || known.pullRequests.has(subject);
  const refused = failed.filter((row) => isRefused(row) && isThere(row.stream.slice(profileId.length + 1)));
  const ids = new Set([...refused.flatMap(({ taskId }) => taskId ?? []), ...unsent.map(({ id }) => id)]);
  const stuck = new Map<number, Stuck>();
  for (const id of ids) {
    const task = await store.tasks.get(id);
    const found = task?.state === "succeeded" ? await stuckFrom(store, task) : null;
    if (found) stuck.set(id, found);
  }
  return stuck;
}

async function stuckFrom(store: Project["store"], task: Task): Promise<Stuck | null> {
  const rows = await store.outbox.list({ taskId: task.id });
  const row = rows.find(isRefused);
  const refused = row ? { rowId: row.id, kind: row.kind, error: row.lastError ?? "", dueAt: row.nextAt } : null;
  const asked = askedRow(rows, refused);
  if (refused === null && asked === undefined) return null;
  return { task, refused, asked: asked ? { at: await askedAt(store, asked) } : null };
}

/**
 * When the label by which people were asked was set; null: it is on its way. What was overtaken in the outbox stands in the
 * row that overtook it, and one that takes the label off again has undone the question.
 */
async function askedAt(store: Project["store"], asked: OutboxRow): Promise<number | null> {
  const by = /^overtaken by row (\d+)$/.exec(asked.state === "dropped" ? (asked.lastError ?? "") : "")?.[1];
  if (by === undefined) return asked.state === "sent" ? asked.sentAt : null;
  const row = await store.outbox.get(Number(by));
  return row?.kind === "add-labels" ? askedAt(store, row) : asked.createdAt;
}

/** The first that was refused; those which needed it come after it. */
const isRefused = (row: OutboxRow): boolean => row.state === "failed" && isPublishing(row.kind) && !isWithdrawn(row);
