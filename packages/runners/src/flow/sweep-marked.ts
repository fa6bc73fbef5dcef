import { environmentsWith } from "../session/process-list.ts";
import { processMark, signalProcess } from "../session/process-mark.ts";
import { sessionMarkName } from "../session/process-tree.ts";

/**
 * Kills what ended attempts left behind and what left their process groups: one look at every process for all of them
 * together. Answers how many; call it until it answers 0.
 */
export function sweepMarked(isOver: (sessionId: string) => boolean): number {
  let killed = 0;
  for (const [sessionId, pids] of environmentsWith(sessionMarkName)) {
    if (!isOver(sessionId)) continue;
    for (const pid of pids) {
      const mark = pid === process.pid ? null : processMark(pid);
      if (mark && signalProcess(mark, "SIGKILL")) killed += 1;
    }
  }
  return killed;
}
