import { processMark } from "../session/process-mark.ts";
import { randomName } from "./random-name.ts";

/**
 * A name for a file or folder that lives no longer than this process: its pid, when it started, and a part that nobody
 * repeats. The pid alone would do for a later process that got the same number, and for one that is dead and not yet
 * waited for.
 */
export function ownedName(): string {
  own ??= markOf(process.pid);
  return `${process.pid}-${own}-${randomName()}`;
}

/** Has the process that made this name with `ownedName` ended? */
export function isOrphaned(name: string): boolean {
  const [pid = "", mark] = name.split("-");
  return !mark || markOf(Number.parseInt(pid, 10)) !== mark;
}

let own: string | undefined;

/** When the process started, in letters that a file name may have; empty when none lives with this pid. */
const markOf = (pid: number): string => (processMark(pid)?.startedMark ?? "").replace(/[^A-Za-z0-9]+/g, "_");
