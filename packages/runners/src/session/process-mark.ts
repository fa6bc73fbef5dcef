import type { ProcessMark } from "@agent-control-plane/core";
import { lookUpProcess } from "./process-list.ts";

/** The mark of a living process; null when there is none with this pid (a zombie counts as gone). */
export function processMark(pid: number): ProcessMark | null {
  const found = lookUpProcess(pid);
  return found && { pid: found.pid, startedMark: found.startedMark };
}

/** Is this very process alive, and not a later one that got its number? */
export function isAlive(mark: ProcessMark): boolean {
  return lookUpProcess(mark.pid)?.startedMark === mark.startedMark;
}

/** Signals this very process. False when it is gone or not ours to signal. */
export function signalProcess(mark: ProcessMark, signal: NodeJS.Signals): boolean {
  if (!isAlive(mark)) return false;
  try {
    process.kill(mark.pid, signal);
    return true;
  } catch {
    return false;
  }
}
