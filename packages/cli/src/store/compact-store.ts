import { existsSync } from "node:fs";
import {
  keepWithinBounds,
  listProfileIds,
  loadHostLimits,
  loadProfile,
  type Profile,
  type Removed,
  type RetentionLimits,
  storePath,
  UserError,
  wouldRemove,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { createLog } from "../logging.ts";
import { archiveOf } from "../runtime/archive-of.ts";
import { liveDaemons, withStore, withStoreToRead } from "../runtime/daemons.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { readableBytes } from "./readable-bytes.ts";

interface Compacted {
  readonly file: string;
  readonly dryRun: boolean;
  /** In a dry run: what would be, as far as that can be said. */
  readonly removed: Partial<Removed>;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** A daemon runs: space inside the file is used again, but not given back. */
  readonly isHeld: boolean;
}

/** Does at once what a daemon does every hour, and without a daemon shrinks the file. */
export async function compactStore(
  context: CliContext,
  options: { readonly dryRun?: boolean; readonly json?: boolean },
): Promise<void> {
  const file = storePath(context.home);
  if (!existsSync(file)) throw new UserError("There is no store yet: nothing has happened, and nothing takes space.");
  const limits = loadHostLimits(context.home, backends).retention;
  if (!options.json && !options.dryRun) context.output.note("removing what is older than the limits, then compacting");
  const compacted = options.dryRun ? await look(context, file, limits) : await compact(context, file, limits);
  if (options.json) context.output.json({ ...compacted, limits });
  else context.output.print(linesOf(compacted, limits).join("\n"));
}

function compact(context: CliContext, file: string, limits: RetentionLimits): Promise<Compacted> {
  return withStore(context.home, async (store) => {
    const { bytes: bytesBefore } = await store.maintenance.sizes();
    const isHeld = (await liveDaemons(store)).length > 0;
    const archives = readableProfiles(context).map(archiveOf);
    const log = createLog({ file: runtimeLog(context.home), fields: { runtime: "cli" } });
    const removed = await keepWithinBounds({ store, archives, limits, actor: "cli", log });
    if (!isHeld) await store.maintenance.compact();
    const { bytes: bytesAfter } = await store.maintenance.sizes();
    return { file, dryRun: false, removed, bytesBefore, bytesAfter, isHeld };
  });
}

async function look(context: CliContext, file: string, limits: RetentionLimits): Promise<Compacted> {
  const archives = readableProfiles(context).map(archiveOf);
  const nothing = { file, dryRun: true, removed: {}, bytesBefore: 0, bytesAfter: 0, isHeld: false };
  return withStoreToRead(context.home, nothing, async (store) => {
    const { bytes } = await store.maintenance.sizes();
    const removed = await wouldRemove({ store, archives, limits }, context.clock.now());
    const isHeld = (await liveDaemons(store)).length > 0;
    return { file, dryRun: true, removed, bytesBefore: bytes, bytesAfter: bytes, isHeld };
  });
}

/** A broken profile keeps none of the others from being tidied; its own folders stay as they are. */
function readableProfiles({ home, env, output }: CliContext): readonly Profile[] {
  return listProfileIds(home).flatMap((id) => {
    try {
      return [loadProfile(home, id, env, backends)];
    } catch (error) {
      output.note(`profile ${id} is left alone: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
      return [];
    }
  });
}

function linesOf(compacted: Compacted, { runs, endedDays, decisionDays }: RetentionLimits): readonly string[] {
  const { removed, bytesBefore, bytesAfter, isHeld, file, dryRun } = compacted;
  const kept =
    `kept: run folders ${runs.days} days, at most ${runs.count} and ${runs.sizeMb} MB a profile; ended work of closed ` +
    `items ${endedDays} days; changes of decisions ${decisionDays} days`;
  const { tasks = 0, runFolders = 0, events = 0, others = 0, archived = 0 } = removed;
  if (dryRun) {
    return [
      kept,
      `would remove ${tasks} tasks with all that hangs on them and ${runFolders} run folders; nothing was changed`,
      `${readableBytes(bytesBefore)} in ${file}`,
    ];
  }
  return [
    kept,
    `removed ${tasks} tasks with all that hung on them, ${events} other events, ${others} other rows, ${runFolders} run ` +
      `folders; ${archived} run folders went to the history`,
    `${readableBytes(bytesBefore)} before, ${readableBytes(bytesAfter)} now`,
    ...(isHeld ? ["a daemon runs: freed space is used again, and given back only without one"] : []),
  ];
}
