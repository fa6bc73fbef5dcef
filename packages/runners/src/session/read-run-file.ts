import { readBounded } from "../bounded-file.ts";

/** Far more than any file of ours in a run folder but the streams has. */
const defaultMaxBytes = 4 * 1024 * 1024;

/**
 * Text of a file in a session's run folder; null when there is none. The host writes these files, but the session's
 * program runs as the same user and can put anything in their place: a pipe nobody writes to, a link, a folder, a file
 * without end. All of these count as "not there". `fromEnd` reads the last bytes of a longer file, else it is refused.
 */
export function readRunFile(
  path: string,
  { maxBytes = defaultMaxBytes, fromEnd = false }: { readonly maxBytes?: number; readonly fromEnd?: boolean } = {},
): string | null {
  const read = readBounded(path, { mostBytes: maxBytes, isTail: fromEnd, follows: false });
  return read.kind === "text" ? read.text : null;
}
