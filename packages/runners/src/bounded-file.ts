import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isHostTrouble } from "@agent-control-plane/core";

/** What a task may have left at a path. `no-file`: a folder, a pipe, a device, a link where none may be; or not ours to read. */
export type BoundedFile =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "missing" }
  | { readonly kind: "no-file" }
  | { readonly kind: "too-long"; readonly bytes: number };

export interface Reading {
  readonly mostBytes: number;
  /** Of a longer file its last bytes, instead of nothing. */
  readonly isTail?: boolean;
  /** A link is followed; otherwise it is no file. */
  readonly follows?: boolean;
}

/**
 * A file that an agent or a task had its hands on: never waits for a pipe, never reads more than it was told to, whatever
 * the file becomes meanwhile. Throws only where something of the host failed.
 */
export function readBounded(path: string, { mostBytes, isTail = false, follows = true }: Reading): BoundedFile {
  const file = openPlainFile(path, { follows });
  if (typeof file !== "number") return file;
  try {
    const { size } = fstatSync(file);
    if (size > mostBytes && !isTail) return { kind: "too-long", bytes: size };
    const start = Math.max(0, size - mostBytes);
    return { kind: "text", text: readFrom(file, start, size - start).toString("utf8") };
  } finally {
    closeSync(file);
  }
}

/** At most `length` bytes from `start`: fewer where the file ends. */
export function readFrom(file: number, start: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  for (let read = -1; read !== 0 && filled < buffer.length; filled += read) {
    read = readSync(file, buffer, filled, buffer.length - filled, start + filled);
  }
  return buffer.subarray(0, filled);
}

/** Whoever opens it closes it. */
export function openPlainFile(
  path: string,
  { follows }: Pick<Reading, "follows">,
): number | Extract<BoundedFile, { kind: "missing" | "no-file" }> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    // Without O_NONBLOCK, opening a pipe nobody writes to would wait for ever.
    const file = openSync(path, O_RDONLY | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW));
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    return { kind: "no-file" };
  } catch (error) {
    if (isHostTrouble(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    return { kind: code === "ENOENT" || code === "ENOTDIR" ? "missing" : "no-file" };
  }
}
