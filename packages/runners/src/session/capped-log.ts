import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/**
 * A file of lines that never takes more than `maxBytes`: at half of it the file becomes `<path>.1` (replacing the one
 * before), so the newest half is always there. Written synchronously: the reader of a flooding program then takes no
 * more than it can put away, and nothing piles up in memory.
 */
export interface CappedLog {
  write(line: string): void;
  close(): void;
  /** Lines that could not be written, for example on a full disk: a log must not end the work it is about. */
  readonly dropped: () => number;
}

export function openCappedLog(path: string, maxBytes: number, maxLineLength = 16_384): CappedLog {
  let file = open(path);
  let size = file === null ? 0 : fstatSync(file).size;
  let dropped = 0;

  function rotate(): void {
    if (file !== null) closeSync(file);
    try {
      renameSync(path, `${path}.1`);
    } catch {
      rmSync(path, { force: true });
    }
    file = open(path);
    size = 0;
  }
  function write(line: string): void {
    const cut = line.length > maxLineLength ? `${line.slice(0, maxLineLength)} [cut: ${line.length} characters]` : line;
    const bytes = Buffer.from(`${cut}\n`);
    if (size > 0 && size + bytes.length > maxBytes / 2) rotate();
    try {
      if (file === null) throw new Error("not open");
      size += writeSync(file, bytes);
    } catch {
      dropped += 1;
    }
  }
  return {
    write,
    dropped: () => dropped,
    close: () => {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

function open(path: string): number | null {
  try {
    // A link or a pipe that the program put there is not written to; O_NONBLOCK: such a pipe must not hold us either.
    const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    return openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch {
    return null;
  }
}
