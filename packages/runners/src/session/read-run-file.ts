import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

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
  const file = openOrNull(path);
  if (file === null) return null;
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || (stat.size > maxBytes && !fromEnd)) return null;
    const buffer = Buffer.alloc(Math.min(stat.size, maxBytes));
    const start = stat.size - buffer.length;
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, start + length);
    }
    return buffer.subarray(0, length).toString("utf8");
  } finally {
    closeSync(file);
  }
}

function openOrNull(path: string): number | null {
  try {
    // O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The files are ours: a permission that is missing was taken away. A disk that fails is not an answer.
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "EACCES"].includes(code ?? "")) return null;
    throw error;
  }
}
