import { isWithdrawn, type OutboxRow, retryWrite, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { openRuntime } from "../runtime/run-daemon.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { refuseUnknownProfile, selectProfileId } from "../select-profile.ts";
import { withStore, withStoreToRead } from "../store/with-store.ts";
import { describeRow, printRow } from "./describe-row.ts";
import { whyHeldBack } from "./why-held-back.ts";
import { pauseInWords, waitsInWords, whyItWaits } from "./why-it-waits.ts";

interface Json {
  readonly json?: boolean;
}

/** Long queues are cut: the newest rows, and a hint on stderr. */
const listed = 500;

export async function list(
  context: CliContext,
  options: Json & { readonly profileId?: string; readonly all?: boolean },
): Promise<void> {
  const states = options.all ? (["pending", "sent", "failed", "dropped"] as const) : (["pending", "failed"] as const);
  const filter = { ...(options.profileId ? { profileId: options.profileId } : {}), states, limit: listed };
  const rows = await withStoreToRead(context.home, [], async (store) => {
    const found = await store.outbox.list(filter);
    const standings = new Map((await store.outbox.standing(found.map(({ id }) => id))).map((one) => [one.id, one]));
    const paces = new Map((await store.pace.waits()).map((one) => [one.profileId, one]));
    const now = context.clock.now();
    return found.map((row) => ({
      ...row,
      waits: whyItWaits(row, { now, standing: standings.get(row.id), pace: paces.get(row.profileId) }),
    }));
  });
  if (rows.length === listed) context.output.note(`only the newest ${listed} are listed`);
  if (rows.length === 0) refuseUnknownProfile(context.home, options.profileId);
  if (options.json) return context.output.json({ outbox: rows });
  if (rows.length === 0)
    return context.output.print(options.all ? "nothing was ever to be written" : "nothing waits and nothing failed");
  const { bold } = context.output.style;
  const lines = rows.map((row) => [
    String(row.id),
    row.profileId,
    row.stream,
    row.kind,
    isWithdrawn(row) ? "held back" : row.state,
    row.waits ? waitsInWords(row.waits) : "",
    String(row.tries),
    ago(context.clock.now() - row.createdAt),
    isWithdrawn(row) ? whyHeldBack(row).holds : (row.lastError ?? ""),
  ]);
  context.output.print(
    table([["ID", "PROFILE", "STREAM", "KIND", "STATE", "WAITS", "TRIES", "AGE", "LAST ERROR"].map(bold), ...lines]),
  );
}

export async function show(context: CliContext, id: string, options: Json): Promise<void> {
  const described = await withStoreToRead(context.home, null, async (store) => {
    const row = await store.outbox.get(rowId(id));
    return row && describeRow(store, row, context.clock.now());
  });
  if (!described) throw noRow(id);
  if (options.json) context.output.json(described);
  else printRow(context, described);
}

export async function retry(
  context: CliContext,
  id: string | undefined,
  options: Json & { readonly allFailed?: boolean; readonly profileId?: string },
): Promise<void> {
  if ((id === undefined) !== (options.allFailed === true)) {
    throw new UserError('Name one write, or say --all-failed. "acp outbox list" shows them.', { exitCode: 64 });
  }
  if (id === undefined) return retryAllFailed(context, options);
  const row = await retryRow(context, id, "cli");
  if (options.json) context.output.json(row);
  else context.output.print(retriedInWords(row));
}

/** Throws `UserError` when it is held back: a retry does not send it. */
export const retryRow = ({ home, clock }: Pick<CliContext, "home" | "clock">, id: string, by: string) =>
  withStore(home, async (store) => {
    const known = await store.outbox.get(rowId(id));
    if (!known) throw noRow(id);
    if (isWithdrawn(known)) throw isHeldBack(known);
    const retried = (await retryWrite(store, known.id, by)) ?? known;
    return describeRow(store, retried, clock.now());
  });

export function retriedInWords({ id, state, neededBy }: Awaited<ReturnType<typeof retryRow>>): string {
  const others = neededBy.filter((other) => other.state === "pending").map((other) => other.id);
  const along = others.length > 0 ? ` (and then ${others.join(", ")}, in need of it)` : "";
  return state === "pending"
    ? `${id} is due now${along}; "acp outbox flush" sends it at once`
    : `${id} is ${state} and needs no retry`;
}

/** Not what a person's act holds back, nor what a later attempt has made stale; what failed with another goes with it. */
async function retryAllFailed(context: CliContext, options: Json & { readonly profileId?: string }): Promise<void> {
  const filter = { ...(options.profileId ? { profileId: options.profileId } : {}), states: ["failed"] as const };
  const retried = await withStore(context.home, async (store) => {
    const again: OutboxRow[] = [];
    for (const row of await store.outbox.list(filter)) {
      if (isWithdrawn(row) || /^(stale-term: |needed-write-failed$)/.test(row.lastError ?? "")) continue;
      again.push((await retryWrite(store, row.id, "cli")) ?? row);
    }
    return again;
  });
  if (options.json) return context.output.json({ outbox: retried });
  context.output.print(
    retried.length === 0
      ? "nothing failed that a retry would help"
      : `due now: ${retried.map((row) => row.id).join(", ")}; "acp outbox flush" sends them at once`,
  );
}

export async function drop(
  context: CliContext,
  id: string,
  options: Json & { readonly reason?: string; readonly dryRun?: boolean },
): Promise<void> {
  if (options.dryRun) return previewDrop(context, id, options);
  const { reason = "" } = options;
  if (reason.trim() === "") {
    throw new UserError(`Say why, for the log: acp outbox drop ${id} --reason '...' (or look first: --dry-run).`, {
      exitCode: 64,
    });
  }
  const { row, wasHeldBack } = await withStore(context.home, async (store) => {
    const known = await store.outbox.get(rowId(id));
    if (!known) throw noRow(id);
    const dropped = (await store.outbox.drop(known.id, "cli", reason)) ?? known;
    return { row: await describeRow(store, dropped, context.clock.now()), wasHeldBack: isWithdrawn(known) };
  });
  if (options.json) return context.output.json(row);
  if (row.state !== "dropped") return context.output.print(`${row.id} is ${row.state}; nothing to drop`);
  context.output.print(`${row.id} is dropped`);
  if (wasHeldBack) context.output.print(`it was held back, and is given up for good: ${nothingBringsBack}`);
}

const nothingBringsBack = "no approval and no act taken back sends it any more";

async function previewDrop(context: CliContext, id: string, options: Json): Promise<void> {
  const described = await withStoreToRead(context.home, null, async (store) => {
    const row = await store.outbox.get(rowId(id));
    return row && describeRow(store, row, context.clock.now());
  });
  if (!described) throw noRow(id);
  if (options.json) return context.output.json({ ...described, dryRun: true });
  const { output } = context;
  if (described.state === "sent" || described.state === "dropped") {
    return output.print(`${described.id} is ${described.state}; nothing to drop`);
  }
  output.print(`would drop ${described.id} ${described.kind} of ${described.stream}`);
  if (isWithdrawn(described)) output.print(`it is held back, and would be given up for good: ${nothingBringsBack}`);
  const begun = described.sendStartedAt !== null;
  if (begun) output.print("its sending has begun: it may be on the forge already, and would stay there");
  for (const { id: other, kind, state } of described.neededBy) {
    if (state === "pending") output.print(`then ${other} ${kind} fails, which needs it`);
  }
}

export async function flush(context: CliContext, options: Json & { readonly profileId?: string }): Promise<void> {
  const profileId = selectProfileId(context, options.profileId);
  const { store, deliver } = await openRuntime(context, [profileId], runtimeLog(context.home));
  try {
    await deliver();
    const { pending, failed, heldBack } = await store.outbox.counts(profileId);
    if (options.json) return context.output.json({ profileId, pending, failed, heldBack });
    const wait = (await store.pace.waits()).find((one) => one.profileId === profileId);
    const why = wait && pending > 0 ? `; ${pauseInWords(wait)}` : "";
    context.output.print(`${pending} pending, ${failed} failed${heldBack > 0 ? `, ${heldBack} held back` : ""}${why}`);
  } finally {
    await store.close();
  }
}

function rowId(given: string): number {
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new UserError(`"${given}" is no outbox id. "acp outbox list" shows them.`, { exitCode: 64 });
}

const noRow = (id: string): UserError =>
  new UserError(`There is no outbox row ${id}. "acp outbox list --all" shows them.`, { exitCode: 1 });

function isHeldBack(row: OutboxRow): UserError {
  const { holds, letsGo } = whyHeldBack(row);
  return new UserError(
    `Outbox row ${row.id} (${row.kind} of ${row.stream}) is held back, and a retry does not send it: ${holds}. ` +
      `It goes on by itself when ${letsGo}. "acp outbox drop ${row.id}" gives the work up for good.`,
    { exitCode: 1 },
  );
}
