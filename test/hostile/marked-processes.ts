// Processes found by a word of their command line: what scrubs its environment and leaves its group still has one.
import { readdirSync, readFileSync } from "node:fs";

export interface FoundProcess {
  readonly pid: number;
  readonly cmdline: string;
}

/** Every living process whose command line holds `word`. Linux only. */
export function processesNaming(word: string): readonly FoundProcess[] {
  return allCommandLines().filter(({ pid, cmdline }) => pid !== process.pid && cmdline.includes(word));
}

export function allCommandLines(): readonly FoundProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const cmdline = procFile(name, "cmdline");
      return cmdline === "" ? [] : [{ pid: Number(name), cmdline }];
    });
}

/** A file of /proc/<pid>; empty when the process is gone or not ours to look at. */
export function procFile(pid: string | number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
