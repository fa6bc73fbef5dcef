import { type OutboxRow, retryWrite, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { withStore, withStoreToRead } from "../runtime/daemons.ts";
import { openRuntime } from "../runtime/run-daemon.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { selectProfileId } from "../select-profile.ts";

interface Json {
  readonly json?: boolean;
}

export async function list(
  context: CliContext,
  options: Json & { readonly profileId?: string; readonly all?: boolean },
): Promise<void> {
  const states = options.all ? (["pending", "sent", "failed", "dropped"] as const) : (["pending", "failed"] as const);
  const filter = { ...(options.profileId ? { profileId: options.profileId } : {}), states, limit: 500 };
  const rows = await withStoreToRead(context.home, [], (store) => store.outbox.list(filter));
  if (options.json) return context.output.json({ outbox: rows });
  if (rows.length === 0)
    return context.output.print(options.all ? "nothing was ever to be written" : "nothing waits and nothing failed");
  const { bold } = context.output.style;
  const lines = rows.map((row) => [
    String(row.id),
    row.profileId,
    row.stream,
    row.kind,
    row.state,
    String(row.tries),
    ago(context.clock.now() - row.createdAt),
    row.lastError ?? "",
  ]);
  context.output.print(
    table([["ID", "PROFILE", "STREAM", "KIND", "STATE", "TRIES", "AGE", "LAST ERROR"].map(bold), ...lines]),
  );
}

export async function show(context: CliContext, id: string, options: Json): Promise<void> {
  const row = await withStoreToRead(context.home, null, (store) => store.outbox.get(rowId(id)));
  if (!row) throw noRow(id);
  print(context, row, options);
}

export async function retry(context: CliContext, id: string, options: Json): Promise<void> {
  const row = await withStore(context.home, async (store) => {
    const known = await store.outbox.get(rowId(id));
    if (!known) throw noRow(id);
    return (await retryWrite(store, known.id, "cli")) ?? known;
  });
  if (options.json) return context.output.json(row);
  context.output.print(
    row.state === "pending"
      ? `${row.id} is due now; "acp outbox flush" sends it at once`
      : `${row.id} is ${row.state} and needs no retry`,
  );
}

export async function drop(
  context: CliContext,
  id: string,
  options: Json & { readonly reason?: string },
): Promise<void> {
  const row = await withStore(context.home, async (store) => {
    const known = await store.outbox.get(rowId(id));
    if (!known) throw noRow(id);
    return (await store.outbox.drop(known.id, "cli", options.reason ?? "")) ?? known;
  });
  if (options.json) return context.output.json(row);
  context.output.print(row.state === "dropped" ? `${row.id} is dropped` : `${row.id} is ${row.state}; nothing to drop`);
}

export async function flush(context: CliContext, options: Json & { readonly profileId?: string }): Promise<void> {
  const profileId = selectProfileId(context, options.profileId);
  const { store, deliver } = await openRuntime(context, [profileId], runtimeLog(context.home));
  try {
    await deliver();
    const left = await store.outbox.list({ profileId, states: ["pending"] });
    const failed = await store.outbox.list({ profileId, states: ["failed"] });
    if (options.json) return context.output.json({ profileId, pending: left.length, failed: failed.length });
    context.output.print(`${left.length} pending, ${failed.length} failed`);
  } finally {
    await store.close();
  }
}

function print(context: CliContext, row: OutboxRow, { json }: Json): void {
  const text = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  if (json) context.output.json(row);
  else context.output.print(table(Object.entries(row).map(([name, value]) => [name, text(value)])));
}

function rowId(given: string): number {
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new UserError(`"${given}" is no outbox id. "acp outbox list" shows them.`, { exitCode: 64 });
}

const noRow = (id: string): UserError =>
  new UserError(`There is no outbox row ${id}. "acp outbox list --all" shows them.`, { exitCode: 1 });
