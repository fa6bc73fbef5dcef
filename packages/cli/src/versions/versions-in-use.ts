import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { sep } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { liveDaemons } from "../runtime/daemons.ts";
import { withStoreToRead } from "../store/with-store.ts";
import type { InstalledVersion } from "./installed-versions.ts";

/**
 * The ids that a live process runs from, with what says so: its command line, on Linux also what it has loaded, and the
 * rows of live daemons, which may have been started through `current`.
 */
export async function versionsInUse(
  home: string,
  versions: readonly InstalledVersion[],
): Promise<ReadonlyMap<string, string>> {
  const inUse = new Map<string, string>();
  const texts = process.platform === "linux" ? fromProc() : fromPs();
  for (const { id, folder } of versions) {
    const places = [folder, realpathSync(folder)].map((place) => `${place}${sep}`);
    const user = texts.find(({ text }) => places.some((place) => text.includes(place)));
    if (user) inUse.set(id, `process ${user.pid} runs from it`);
  }
  for (const { version, pid } of await daemonVersions(home)) {
    for (const each of versions) if (each.version === version) inUse.set(each.id, `daemon ${pid} is of this version`);
  }
  return inUse;
}

/** A store of another schema tells nothing here. On Linux what is loaded says it; elsewhere nothing is deleted then. */
async function daemonVersions(home: string): Promise<readonly { readonly version: string; readonly pid: number }[]> {
  try {
    const rows = await withStoreToRead(home, [], liveDaemons);
    return rows.map((row) => ({ version: row.version, pid: row.process.pid }));
  } catch (error) {
    if (error instanceof UserError && process.platform === "linux") return [];
    throw error;
  }
}

function fromProc(): readonly { readonly pid: number; readonly text: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), text: readOr(`/proc/${name}/cmdline`) + readOr(`/proc/${name}/maps`) }));
}

function fromPs(): readonly { readonly pid: number; readonly text: string }[] {
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,command="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .map((line) => ({ pid: Number.parseInt(line, 10), text: line }))
    .filter(({ pid }) => pid !== process.pid);
}

/** Of a process that ended meanwhile, or of another user's, nothing is known; it runs nothing of ours. */
function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
