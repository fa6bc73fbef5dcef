import {
  type Instant,
  listProfileIds,
  loadHostLimits,
  loadProfile,
  type Profile,
  type RetentionLimits,
  type TableSize,
  tableRules,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { withStoreToRead } from "../runtime/daemons.ts";
import { readableBytes } from "../store/readable-bytes.ts";
import { type FolderSize, measureDisk } from "./measure-disk.ts";

export interface DiskReport {
  readonly home: string;
  readonly bytes: number;
  readonly folders: readonly FolderSize[];
  readonly tables: readonly (TableSize & { readonly rule: string })[];
  readonly unruled: readonly string[];
  readonly limits: RetentionLimits;
}

/** What takes how much on this disk and in the store, since when, and what bounds it. Changes nothing. */
export async function readDisk(context: CliContext): Promise<DiskReport> {
  const { home } = context;
  const { folders, unruled } = await measureDisk(home, readable(context), context.env.TMPDIR);
  const tables = await withStoreToRead(home, [], (store) => store.maintenance.tables());
  return {
    home,
    bytes: folders.reduce((sum, { bytes }) => sum + bytes, 0),
    folders: folders.toSorted((a, b) => b.bytes - a.bytes),
    tables: tables
      .map((each) => ({ ...each, rule: tableRules.find((rule) => rule.table === each.table)?.rule ?? "" }))
      .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0)),
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
  if (report.unruled.length > 0) {
    output.print(yellow(`${report.unruled.length} files in the runtime home are not ours, and stay:`));
    for (const path of report.unruled.slice(0, 10)) output.print(`  ${path}`);
  }
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
