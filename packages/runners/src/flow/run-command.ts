import { mkdirSync } from "node:fs";
import type { Millis, ProcessMark } from "@agent-control-plane/core";
import { endTree } from "../session/process-tree.ts";
import { attemptFiles } from "./attempt-files.ts";
import { exitCodeOf } from "./look-at-command.ts";
import { startWatched } from "./watching-shell.ts";

/** How a command ended, as its watching shell (128 + n for a signal) or the system said. */
export interface CommandEnd {
  /** Null: nobody knows; the shell was killed. */
  readonly exitCode: number | null;
  /** Of a command that could not even be tried, for example because its folder is not there. */
  readonly startError: string | null;
}

/**
 * Starts a command under its watching shell. The promise is for a runtime that lives to see the end; any other one finds
 * out by `lookAtCommand`.
 */
export function runCommand(of: {
  readonly folder: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}): Promise<CommandEnd> {
  for (const folder of [of.folder, attemptFiles.home(of.folder), attemptFiles.tmp(of.folder)])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const child = startWatched(of);
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: null, startError: `${of.cwd}: ${error.message}` }));
    child.once("exit", (code) => {
      endGroup(child.pid);
      resolve({ exitCode: code ?? exitCodeOf(of.folder), startError: null });
    });
  });
}

/** What the command left running in its group; what left the group is found by its mark, see `sweepMarked`. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left of it: the usual case, and one system call instead of a look at every process.
  }
}

/** Asks a command to end, and after `graceMs` ends all that belongs to it. Answers when nothing is left. */
export function endCommand(of: {
  readonly sessionId: string;
  readonly watcher: ProcessMark;
  readonly graceMs: Millis;
}): Promise<{ readonly killed: number; readonly survivors: number }> {
  return endTree({
    sessionId: of.sessionId,
    main: of.watcher,
    recorded: () => [of.watcher],
    stopSignal: "SIGTERM",
    graceMs: of.graceMs,
  });
}
