import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { cliEntry } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { newOutputFile, outputFileOf, removeDeadOutput } from "../log/output-files.ts";

export interface Background {
  /** For people: "The runtime". */
  readonly what: string;
  /** Its log. What it prints beside that goes to a file of its own (`log/output-files.ts`). */
  readonly logFile: string;
  readonly readyWithinMs: number;
}

export interface Ready {
  readonly pid: number;
  readonly message: unknown;
}

/**
 * Starts one of our own commands in the background and waits until it says that it is ready. It lives on in a session
 * of its own; when it ends before it is ready, its last words are the error. Its errors go to a file and not to a pipe:
 * a pipe would break when we leave.
 */
export async function startInBackground(
  context: Pick<CliContext, "env" | "home">,
  args: readonly string[],
  background: Background,
): Promise<Ready> {
  const output = openOutput(context.home, background);
  const entry = cliEntry();
  const child = spawn(entry.file, [...entry.args, ...args], {
    detached: true,
    cwd: context.home,
    env: context.env,
    stdio: ["ignore", output.handle, output.handle, "ipc"],
  });
  closeSync(output.handle);
  const path = child.pid === undefined ? output.path : outputFileOf(background.logFile, child.pid);
  if (path !== output.path) renameSync(output.path, path);
  try {
    return await readiness(child, background, path);
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Proves that the child's last words can be written: on a full disk it would end without a reason. */
function openOutput(home: string, { what, logFile }: Background): { readonly path: string; readonly handle: number } {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
    removeDeadOutput(dirname(logFile));
    closeSync(openSync(logFile, "a", 0o600));
    const path = newOutputFile(logFile);
    const handle = openSync(path, "a", 0o600);
    writeSync(handle, "\n");
    return { path, handle };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `${what} cannot be started: its log ${logFile} cannot be written (${why}). Check free space and the folder's permissions, then try again.`,
      { exitCode: 1, cause },
    );
  }
}

function readiness(child: ChildProcess, background: Background, output: string): Promise<Ready> {
  const { what, readyWithinMs, logFile } = background;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGTERM");
      fail(`${what} was not ready after ${readyWithinMs / 1000} s and was ended. See ${logFile}.`, 1);
    }, readyWithinMs);
    child.once("message", (message) => {
      clearTimeout(timer);
      // How it ends from now on is nobody's error here, and its folder may be gone by then.
      child.removeAllListeners("exit");
      resolve({ pid: child.pid ?? 0, message });
    });
    child.once("error", (error) => fail(`${what} could not be started: ${error.message}`, 1));
    child.once("exit", (code, signal) => {
      const words = readFileSync(output, "utf8")
        .trim()
        .replace(/^error: /, "");
      fail(words || `${what} ended at once (${signal ?? `exit code ${code}`}). See ${logFile}.`, code ?? 1);
    });

    function fail(message: string, exitCode: number): void {
      clearTimeout(timer);
      reject(new UserError(message, { exitCode: exitCode === 0 ? 1 : exitCode }));
    }
  });
}
