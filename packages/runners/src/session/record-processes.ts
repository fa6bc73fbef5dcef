import type { Millis, ProcessMark } from "@agent-control-plane/core";
import { listProcesses } from "./process-list.ts";
import { withDescendants } from "./process-tree.ts";
import { sessionFiles } from "./session-files.ts";
import { writeAtomically } from "./write-atomically.ts";

/**
 * Remembers every process seen below a root, by pid and start time, and keeps the list on disk: whoever comes after a
 * killed wrapper still knows what to end. One look costs a pass over /proc.
 */
export interface ProcessRecorder {
  /** Follows what descends from this process from now on. */
  follow(root: ProcessMark): void;
  /** Looks once; answers the processor time the tree has used so far. */
  look(): Millis;
  marks(): readonly ProcessMark[];
}

export function createProcessRecorder(recording: {
  readonly sessionId: string;
  readonly runDir: string;
  readonly isolation: string;
}): ProcessRecorder {
  const { sessionId, runDir, isolation } = recording;
  let known = new Map<string, ProcessMark>();
  let written = "";

  function save(): void {
    const content = `${JSON.stringify({ sessionId, isolation, marks: [...known.values()] })}\n`;
    if (content === written) return;
    written = content;
    try {
      writeAtomically(sessionFiles.processes(runDir), content);
    } catch {
      // A full disk must not end the session; the environment mark still finds its processes.
    }
  }

  return {
    follow: (root) => {
      known.set(keyOf(root), { pid: root.pid, startedMark: root.startedMark });
      save();
    },
    look: () => {
      const all = listProcesses();
      const living = new Set<number>();
      for (const mark of known.values()) if (all.get(mark.pid)?.startedMark === mark.startedMark) living.add(mark.pid);
      const found = withDescendants(all, living);
      known = new Map(found.map((one) => [keyOf(one), { pid: one.pid, startedMark: one.startedMark }]));
      save();
      return found.reduce((sum, one) => sum + one.cpuMs, 0);
    },
    marks: () => [...known.values()],
  };
}

function keyOf(mark: ProcessMark): string {
  return `${mark.pid} ${mark.startedMark}`;
}
