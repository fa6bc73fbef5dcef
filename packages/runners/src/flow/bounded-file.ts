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
 * A file that a task had its hands on: never waits for a pipe, never reads more than it was told to, whatever the file
 * becomes meanwhile. Throws only where something of the host failed.
 */
export function readBounded(path: string, { mostBytes, isTail = false, follows = true }: Reading): BoundedFile {
  const file = openOrNull(path, follows);
  if (typeof file !== "number") return file;
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return { kind: "no-file" };
    if (stats.size > mostBytes && !isTail) return { kind: "too-long", bytes: stats.size };
    const bytes = Buffer.alloc(Math.min(stats.size, mostBytes));
    const read = readSync(file, bytes, 0, bytes.length, stats.size - bytes.length);
    return { kind: "text", text: bytes.toString("utf8", 0, read) };
  } finally {
    closeSync(file);
  }
}

function openOrNull(path: string, follows: boolean): number | BoundedFile {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  try {
    return openSync(path, O_RDONLY | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW));
  } catch (error) {
    if (isHostTrouble(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    return { kind: code === "ENOENT" || code === "ENOTDIR" ? "missing" : "no-file" };
  }
}
