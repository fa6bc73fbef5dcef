import type { LogLine } from "./log-lines.ts";
import { appended, type NumberedLine, prepended } from "./numbered-lines.ts";
import type { LogReader } from "./read-log.ts";

export interface KnownLog {
  /** Those that have ended. */
  readonly lines: readonly NumberedLine[];
  /** The line that is being written. */
  readonly open: LogLine | null;
  /** Bytes that stand before the first line. */
  readonly before: number;
  readonly state: "reading" | "none" | "failed" | "read";
}

export const unread: KnownLog = { lines: [], open: null, before: 0, state: "reading" };

interface Following {
  readonly signal: AbortSignal;
  readonly isRunning: () => boolean;
  readonly tell: (change: (before: KnownLog) => KnownLog) => void;
}

const lookMs = 1_000;

/**
 * Tells the end of a log, and what comes as long as its session runs. A page that nobody sees asks for nothing; a server
 * that is away is asked again.
 */
export async function followLog(reader: LogReader, { signal, isRunning, tell }: Following): Promise<void> {
  let isThere = await begin(reader, signal, tell);
  for (;;) {
    const wasRunning = isRunning();
    await seenAndLater(signal);
    if (signal.aborted) return;
    try {
      const fresh = isThere ? await reader.more(signal) : "begun-anew";
      if (fresh !== "begun-anew") tell((before) => withFresh(before, fresh, reader.open));
      else if (isThere || wasRunning) isThere = await begin(reader, signal, tell);
    } catch {
      if (signal.aborted) return;
      continue;
    }
    if (!wasRunning) return; // the last look was after its end
  }
}

async function begin(reader: LogReader, signal: AbortSignal, tell: Following["tell"]): Promise<boolean> {
  const block = await reader.last(signal);
  const { open } = reader;
  tell(() =>
    block
      ? { lines: prepended(block.lines, []), open, before: block.start, state: "read" }
      : { ...unread, state: "none" },
  );
  return block !== null;
}

function withFresh(before: KnownLog, fresh: readonly LogLine[], open: LogLine | null): KnownLog {
  const isSame = before.open?.text === open?.text && before.open?.dropped === open?.dropped;
  if (fresh.length === 0 && isSame) return before;
  return { ...before, open, lines: appended(before.lines, fresh) };
}

/** A second from now, and not while the page is hidden. */
function seenAndLater(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearInterval(timer);
      resolve();
    };
    const timer = setInterval(() => document.hidden || done(), lookMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
