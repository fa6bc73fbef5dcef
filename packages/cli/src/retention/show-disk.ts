import {
  type Instant,
  listProfileIds,
  loadHostLimits,
  loadProfile,
  type Profile,
  type RetentionLimits,
  type RunState,
  type TableSize,
  tableRules,
} from "@agent-control-plane/core";
import { type SavedWork, savedWork } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { readableBytes } from "../store/readable-bytes.ts";
import { withStoreToRead } from "../store/with-store.ts";
import { type FolderSize, measureDisk } from "./measure-disk.ts";

export interface DiskReport {
  readonly home: string;
  readonly bytes: number;
  readonly folders: readonly FolderSize[];
  readonly tables: readonly (TableSize & { readonly rule: string })[];
  /** Work of sessions that is perhaps nowhere else: it stays until it is part of the base branch, or a person drops it. */
  readonly saved: readonly (SavedWork & { readonly profileId: string })[];
  readonly unruled: readonly string[];
  readonly limits: RetentionLimits;
}

/** What takes how much on this disk and in the store, since when, and what bounds it. Changes nothing. */
async function readDisk(context: CliContext): Promise<DiskReport> {
  const { home } = context;
  const profiles = readable(context);
  const { folders, unruled } = await measureDisk(home, profiles, context.env.TMPDIR);
  const tables = await withStoreToRead(home, [], (store) => store.maintenance.tables());
  const now = context.clock.now();
  const saved =
    (await withStoreToRead(home, null, (store) => savedIn(profiles, (id) => store.retention.runState(id, now)))) ??
    (await savedIn(profiles, async () => "unknown"));
  return {
    home,
    bytes: folders.reduce((sum, { bytes }) => sum + bytes, 0),
    folders: folders.toSorted((a, b) => b.bytes - a.bytes),
    tables: tables
      .map((each) => ({ ...each, rule: tableRules.find((rule) => rule.table === each.table)?.rule ?? "" }))
      .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0)),
    saved,
    unruled,
    limits: loadHostLimits(home, backends).retention,
  };
}

export async function showDisk(context: CliContext, options: { readonly json?: boolean }): Promise<void> {
  const report = await readDisk(context);
  const { output, clock } = context;
  if (options.json) return output.json(report);
  const since = (at: Instant | null) => (at === null ? "" : `oldest ${ago(clock.now() - at)}`);
  const { bold, dim, yellow } = output.style;
  output.print(`${bold(readableBytes(report.bytes))} in ${report.home} and the folders of its profiles`);
  output.print(
    table(
      report.folders.map(({ name, profileId, files, bytes, oldestAt, rule }) => [
        profileId === null ? name : `${profileId}: ${name}`,
        readableBytes(bytes),
        `${files} files`,
        since(oldestAt),
        dim(rule),
      ]),
    ),
  );
  const filled = report.tables.filter(({ rows }) => rows > 0);
  if (filled.length > 0) {
    output.print(bold("tables of the store"));
    output.print(
      table(
        filled.map((each) => [
          each.table,
          each.bytes === null ? "" : readableBytes(each.bytes),
          `${each.rows} rows`,
          since(each.oldestAt),
          dim(each.rule),
        ]),
      ),
    );
  }
  for (const { profileId, count, oldest } of report.saved) {
    if (oldest === null) continue;
    output.print(
      `${profileId}: ${counted(count, "ref")} of saved work, ${since(oldest.at)}: ${oldest.ref}; what of it is ` +
        "nowhere else stays until a person drops it (docs/operating.md)",
    );
  }
  if (report.unruled.length > 0) {
    output.print(yellow(`${report.unruled.length} files in the runtime home are not ours, and stay:`));
    for (const path of report.unruled.slice(0, 10)) output.print(`  ${path}`);
  }
}

async function savedIn(
  profiles: readonly Profile[],
  stateOf: (sessionId: string) => Promise<RunState>,
): Promise<DiskReport["saved"]> {
  const found: DiskReport["saved"][number][] = [];
  for (const { id, runtime } of profiles) {
    const saved = await savedWork(runtime.agentRepoRoot, stateOf);
    if (saved) found.push({ profileId: id, ...saved });
  }
  return found;
}

/** A broken profile says nothing of where its folders are; they are measured again when it is mended. */
function readable({ home, env, output }: CliContext): readonly Profile[] {
  return listProfileIds(home).flatMap((id) => {
    try {
      return [loadProfile(home, id, env, backends)];
    } catch (error) {
      output.note(`profile ${id} is left out: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
      return [];
    }
  });
}
