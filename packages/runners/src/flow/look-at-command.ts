import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import type { ProcessMark } from "@agent-control-plane/core";
import { readBounded } from "../bounded-file.ts";
import { carriesEnvironment } from "../session/process-list.ts";
import { processMark } from "../session/process-mark.ts";
import { sessionMarkName } from "../session/process-tree.ts";
import { attemptFiles } from "./attempt-files.ts";

/**
 * What can be seen of an attempt, by anybody who comes along.
 * `never-begun`: nobody will begin it any more, it was given up by this look; `vanished`: it began, and neither its exit
 * code nor its watching shell is there.
 */
export type CommandLook =
  | { readonly kind: "running"; readonly watcher: ProcessMark }
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "never-begun" }
  | { readonly kind: "vanished" };

/** For a runtime that did not start it, or does not know whether it did; such a start, if it still comes, does nothing. */
export function lookAtCommand(of: { readonly sessionId: string; readonly folder: string }): CommandLook {
  const begun = wholeOrNull(attemptFiles.begun(of.folder));
  if (begun === null) return giveUp(of.folder) ? { kind: "never-begun" } : lookAtCommand(of);
  const watcher = watcherOf(begun, of.sessionId);
  if (watcher) return { kind: "running", watcher };
  // Read after the look for the shell: its last act is to write this.
  const exitCode = exitCodeOf(of.folder);
  return exitCode === null ? { kind: "vanished" } : { kind: "exited", exitCode };
}

/** Null: it is not written, or not whole, as on a full disk. */
export function exitCodeOf(folder: string): number | null {
  const text = readOrNull(attemptFiles.exit(folder));
  return text !== null && /^\d{1,3}\n$/.test(text) ? Number(text) : null;
}

/** The shell says its number before it does anything; that it is this very one, its environment shows. */
function watcherOf(begun: string, sessionId: string): ProcessMark | null {
  const pid = Number.parseInt(begun, 10);
  const mark = Number.isSafeInteger(pid) ? processMark(pid) : null;
  return mark && carriesEnvironment(mark.pid, sessionMarkName, sessionId) ? mark : null;
}

/** Takes the place of the shell, unless it was quicker. The folder may not have been made yet, and still be made. */
function giveUp(folder: string): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    const file = openSync(attemptFiles.begun(folder), "wx", 0o600);
    writeSync(file, "given up\n");
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** The shell makes the file and then writes to it: between the two it is empty, and not for long. */
function wholeOrNull(path: string): string | null {
  for (let tries = 0; ; tries += 1) {
    const text = readOrNull(path);
    if (text === null || text.endsWith("\n") || tries === mostTries) return text;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, betweenTriesMs);
  }
}

const mostTries = 100;
const betweenTriesMs = 2;

/** A task may have made a pipe of it, which nobody writes to. */
function readOrNull(path: string): string | null {
  const read = readBounded(path, { mostBytes: 1_000 });
  if (read.kind === "missing") return null;
  return read.kind === "text" ? read.text : "";
}
