import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { followLog, type KnownLog, unread } from "./follow-log.ts";
import { appended, type NumberedLine, prepended } from "./numbered-lines.ts";
import { type LogName, LogReader } from "./read-log.ts";

export interface FollowedLog extends Pick<KnownLog, "state" | "before"> {
  /** With the one at the end that is being written. */
  readonly lines: readonly NumberedLine[];
  readonly readBefore: () => void;
}

/** Reads the end of a log, and what comes while `isRunning`; and what stands before it when that is asked for. */
export function useLog(sessionId: string, log: LogName, isRunning: boolean): FollowedLog {
  const [known, setKnown] = useState<KnownLog>(unread);
  const reading = useRef<{ readonly reader: LogReader; readonly signal: AbortSignal } | null>(null);
  const runs = useRef(isRunning);
  runs.current = isRunning;

  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    const reader = new LogReader(sessionId, log);
    reading.current = { reader, signal };
    setKnown(unread);
    const failed = () => signal.aborted || setKnown((before) => ({ ...before, state: "failed" }));
    followLog(reader, { signal, isRunning: () => runs.current, tell: setKnown }).catch(failed);
    return () => stopping.abort();
  }, [sessionId, log]);

  const { lines, open, before, state } = known;
  const readBefore = useCallback(async () => {
    const { reader, signal } = reading.current ?? {};
    const block = reader && signal && (await reader.before(before, signal).catch(() => null));
    if (!block || signal?.aborted) return;
    setKnown((now) =>
      now.before === before ? { ...now, before: block.start, lines: prepended(block.lines, now.lines) } : now,
    );
  }, [before]);
  const all = useMemo(() => (open ? appended(lines, [open]) : lines), [lines, open]);
  return { lines: all, before, state, readBefore };
}
