import { existsSync } from "node:fs";
import {
  keepWithinBounds,
  type Log,
  listProfileIds,
  loadHostLimits,
  loadProfile,
  makeRoom,
  type Profile,
  type Removed,
  type RetentionLimits,
  type Store,
  StoreFullError,
  storePath,
  tableRules,
  UserError,
  wouldRemove,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { createLog } from "../logging.ts";
import { archivesOf, boundsOf, hostUpkeep } from "../retention/bounds-of.ts";
import { folderRules } from "../retention/folder-rules.ts";
import { liveDaemons } from "../runtime/daemons.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { silentLog } from "../runtime/silent-log.ts";
import { readableBytes } from "./readable-bytes.ts";
import { withStore, withStoreToRead } from "./with-store.ts";

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
  options: {
    readonly dryRun?: boolean;
    readonly json?: boolean;
    /** Freed space to the disk. Default true. */
    readonly gives?: boolean;
  },
): Promise<void> {
  const file = storePath(context.home);
  if (!existsSync(file)) throw new UserError("There is no store yet: nothing has happened, and nothing takes space.");
  const limits = loadHostLimits(context.home, backends).retention;
  if (!options.json && !options.dryRun)
    context.output.note(`removing what is older than the limits${options.gives === false ? "" : ", then compacting"}`);
  const compacted = options.dryRun
    ? await look(context, file, limits)
    : await unlessFull(context, limits, () => compact(context, file, limits, options.gives ?? true));
  if (options.json) context.output.json({ ...compacted, limits });
  else context.output.print(linesOf(compacted, limits).join("\n"));
}

function compact(context: CliContext, file: string, limits: RetentionLimits, gives: boolean): Promise<Compacted> {
  return withStore(context.home, async (store) => {
    const { bytes: bytesBefore } = await store.maintenance.sizes();
    const isHeld = (await liveDaemons(store)).length > 0;
    const log = createLog({ file: runtimeLog(context.home), limits: () => limits.logs, fields: { runtime: "cli" } });
    const removed = await keepWithinBounds(everything(context, store, limits, log));
    if (!isHeld && gives) await store.maintenance.compact();
    const { bytes: bytesAfter } = await store.maintenance.sizes();
    return { file, dryRun: false, removed, bytesBefore, bytesAfter, isHeld };
  });
}

/** On a full disk the store may not even open: then what there is too much of beside it goes first. */
async function unlessFull<T>(context: CliContext, limits: RetentionLimits, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof StoreFullError)) throw error;
    const archives = archivesOf(readableProfiles(context));
    const { runFolders, files } = await makeRoom({ archives, host: hostUpkeep(context.home), limits });
    const gone = { "run folders": runFolders, ...files };
    const words = Object.entries(gone).flatMap(([name, count]) => (count > 0 ? [`${count} of ${name}`] : []));
    context.output.note(`the disk is full; removed first what there is too much of: ${words.join(", ") || "nothing"}`);
    return act();
  }
}

async function look(context: CliContext, file: string, limits: RetentionLimits): Promise<Compacted> {
  const nothing = { file, dryRun: true, removed: {}, bytesBefore: 0, bytesAfter: 0, isHeld: false };
  return withStoreToRead(context.home, nothing, async (store) => {
    const { bytes } = await store.maintenance.sizes();
    const removed = await wouldRemove(everything(context, store, limits, silentLog), context.clock.now());
    const isHeld = (await liveDaemons(store)).length > 0;
    return { file, dryRun: true, removed, bytesBefore: bytes, bytesAfter: bytes, isHeld };
  });
}

const everything = (context: CliContext, store: Store, limits: RetentionLimits, log: Log) =>
  boundsOf({ ...{ home: context.home, profiles: readableProfiles(context), store, limits, log }, actor: "cli" });

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

function linesOf(compacted: Compacted, limits: RetentionLimits): readonly string[] {
  const { removed, bytesBefore, bytesAfter, isHeld, file, dryRun } = compacted;
  const whys = reasons(removed, limits);
  if (dryRun) {
    return [
      ...(whys.length > 0 ? whys.map((why) => `would remove ${why}`) : ["nothing is older than the limits"]),
      `nothing was changed; ${readableBytes(bytesBefore)} in ${file}`,
    ];
  }
  return [
    ...(whys.length > 0 ? whys.map((why) => `removed ${why}`) : ["nothing was older than the limits"]),
    `${removed.archived ?? 0} run folders went to the history`,
    `${readableBytes(bytesBefore)} before, ${readableBytes(bytesAfter)} now`,
    ...(isHeld ? ["a daemon runs: freed space is used again, and given back only without one"] : []),
  ];
}

/** What goes and why, one a line. */
function reasons(removed: Partial<Removed>, limits: RetentionLimits): readonly string[] {
  const { runs, endedDays, decisionDays, rescueDays } = limits;
  const { tasks = 0, flows = 0, runFolders = 0, events = 0, refs = 0, rows = {}, files = {} } = removed;
  const rule = (table: string) => tableRules.find((each) => each.table === table)?.rule ?? "";
  const line = (count: number, text: string) => (count > 0 ? [`${count} ${text}`] : []);
  return [
    ...line(tasks, `tasks with all that hangs on them: ended ${endedDays} days ago, of closed items`),
    ...line(flows, `of flows: ended ${limits.flows.days} days ago, or the oldest of more than ${limits.flows.count}`),
    ...line(runFolders, `run folders: over ${runs.days} days, ${runs.count} folders or ${runs.sizeMb} MB in a profile`),
    ...line(events, `events: changes of decisions after ${decisionDays} days, others after ${endedDays}`),
    ...Object.entries(rows).flatMap(([table, count]) => line(count, `rows of ${table}: ${rule(table)}`)),
    ...line(
      refs,
      `refs of anchors: work that was published, superseded, or is part of the base for ${rescueDays} days`,
    ),
    ...Object.entries(files).flatMap(([name, count]) =>
      line(count, `files or folders of "${name}": ${folderRules.find((each) => each.name === name)?.rule ?? ""}`),
    ),
  ];
}
