import { closeSync, fstatSync } from "node:fs";
import type { Session } from "@agent-control-plane/core";

import { openPlainFile, readFrom } from "../bounded-file.ts";
import { sessionFiles } from "./session-files.ts";

/** `events`: what the backend's stream was understood as, a JSON object a line; `output`: what it printed. */
export const sessionLogs = ["events", "output"] as const;
export type SessionLog = (typeof sessionLogs)[number];

export interface LogSlice {
  /** Of the whole log, in bytes. */
  readonly size: number;
  readonly start: number;
  readonly bytes: Buffer;
}

/** No slice is longer, whatever is asked for. */
export const mostSliceBytes = 1024 * 1024;

/**
 * From `start` (negative: so many bytes before the end) at most `length` bytes of a session's log; null: there is none. The
 * session's program runs as the same user: what is no plain file of the run folder counts as none.
 */
export function readLogSlice(
  { runDir }: Pick<Session, "runDir">,
  log: SessionLog,
  { start, length }: { readonly start: number; readonly length: number },
): LogSlice | null {
  const path = log === "events" ? sessionFiles.events(runDir) : sessionFiles.output(runDir);
  const file = openPlainFile(path, { follows: false });
  if (typeof file !== "number") return null;
  try {
    const { size } = fstatSync(file);
    const from = start < 0 ? Math.max(0, size + start) : Math.min(start, size);
    return { size, start: from, bytes: readFrom(file, from, Math.min(length, mostSliceBytes, size - from)) };
  } finally {
    closeSync(file);
  }
}
