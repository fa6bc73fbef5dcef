import { fstatSync, ftruncateSync, lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Log, systemClock } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners/process-mark";

/**
 * What a process in the background prints beside its log: `<log>.<pid>.out`, one file a process, so that nobody cuts what
 * another one writes. It holds the last words of one that could not start, and otherwise next to nothing.
 */
export const outputFileOf = (logFile: string, pid: number): string => `${logFile.replace(/\.log$/, "")}.${pid}.out`;

/** Before there is a process: under our own pid. */
export const newOutputFile = (logFile: string): string => {
  count += 1;
  return outputFileOf(`${logFile.replace(/\.log$/, "")}.starting-${count}.log`, process.pid);
};

let count = 0;

const keptDays = 7;
const mostBytes = 1024 * 1024;

/** Those of processes that are gone: the empty ones at once, last words after a week. Answers how many went. */
export function removeDeadOutput(logsFolder: string, { isDry = false } = {}): number {
  const before = systemClock.now() - keptDays * 86_400_000;
  let removed = 0;
  for (const name of lstatSync(logsFolder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(logsFolder) : []) {
    const path = join(logsFolder, name);
    const pid = /\.(\d+)\.out$/.exec(name)?.[1];
    const stat = lstatSync(path, { throwIfNoEntry: false });
    // `.err`: of versions before.
    if (!stat?.isFile() || !(name.endsWith(".log.err") || (pid !== undefined && !processMark(Number(pid))))) continue;
    if (stat.size > 1 && stat.mtimeMs >= before) continue;
    if (!isDry) rmSync(path, { force: true });
    removed += 1;
  }
  return removed;
}

/**
 * From now on what this process prints is a line of its log, which is rotated. What the runtime of JavaScript itself
 * writes to the file (it goes past us) is cut when there is too much of it: the file is ours alone.
 */
export function printToLog(log: Log): void {
  for (const [name, stream] of [
    ["stdout", process.stdout],
    ["stderr", process.stderr],
  ] as const) {
    stream.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => {
      const text = Buffer.from(chunk as Uint8Array)
        .toString("utf8")
        .trimEnd();
      if (text !== "") log.info("printed", { stream: name, text: text.slice(0, 16_384) });
      const done = rest.at(-1);
      if (typeof done === "function") done();
      return true;
    };
  }
}

/** See `printToLog`; called now and then. `logFile`: whose output files are meant. */
export function boundOwnOutput(logFile: string): void {
  try {
    const stat = fstatSync(2);
    const own = lstatSync(outputFileOf(logFile, process.pid), { throwIfNoEntry: false });
    if (own?.ino === stat.ino && stat.isFile() && stat.size > mostBytes) ftruncateSync(2, 0);
  } catch {
    // No such file: somebody else started us.
  }
}

/**
 * What a service printed lies in one file that its service manager appends to and opens anew at each start: renamed, it
 * takes what is still to come of those that run. True when it was (or would be) renamed.
 */
export function boundServiceOutput(path: string, { isDry = false } = {}): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || stat.size <= mostBytes) return false;
  if (!isDry) renameSync(path, `${path}.1`);
  return true;
}
