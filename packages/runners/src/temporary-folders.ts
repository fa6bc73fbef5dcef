import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProcessMark } from "@agent-control-plane/core";
import { isAlive, processMark } from "./session/process-mark.ts";

const markFile = ".acp-temporary.json";
const names = /^acp-(health|demo|smoke|doctor)-/;

/** A folder of ours in the system's temporary folder, with a mark that says whose it is. Its maker removes it. */
export function makeTemporaryFolder(
  purpose: "health" | "demo" | "smoke" | "doctor",
  parent: string = tmpdir(),
): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, `acp-${purpose}-`));
  writeFileSync(join(folder, markFile), JSON.stringify({ purpose, maker: processMark(process.pid) }));
  return folder;
}

/** One that a person wants to keep is no temporary folder any more. */
export function keepTemporaryFolder(folder: string): void {
  rmSync(join(folder, markFile), { force: true });
}

/**
 * Removes the temporary folders of ours that a crash left: ours by their mark, of this user, and of a maker that is
 * provably gone. Answers how many.
 */
export function pruneTemporaryFolders({ isDry = false, parent = tmpdir() } = {}): number {
  let removed = 0;
  for (const name of readdirSync(parent).filter((one) => names.test(one))) {
    const folder = join(parent, name);
    if (!isLeftBehind(folder)) continue;
    if (!isDry) rmSync(folder, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

function isLeftBehind(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    const mark = lstatSync(join(folder, markFile));
    const ours = process.getuid?.() ?? stat.uid;
    if (!stat.isDirectory() || stat.uid !== ours || !mark.isFile() || mark.uid !== ours || mark.size > 10_000)
      return false;
    const { maker } = JSON.parse(readFileSync(join(folder, markFile), "utf8")) as {
      readonly maker: ProcessMark | null;
    };
    return maker !== null && typeof maker?.pid === "number" && !isAlive(maker) && !hasDaemons(folder);
  } catch {
    // No mark, or not one of ours: not ours to remove.
    return false;
  }
}

/** A demo that was killed left its daemon and its forge at work in there; each has a file by its pid. */
function hasDaemons(folder: string): boolean {
  const logs = join(folder, "runtime-home", "logs");
  if (!lstatSync(logs, { throwIfNoEntry: false })?.isDirectory()) return false;
  return readdirSync(logs).some((name) => {
    const pid = /\.(\d+)\.out$/.exec(name)?.[1];
    return pid !== undefined && processMark(Number(pid)) !== null;
  });
}
