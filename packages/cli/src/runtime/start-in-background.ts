import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { cliEntry } from "../assets.ts";
import type { CliContext } from "../context.ts";

export interface Background {
  /** For people: "The runtime". */
  readonly what: string;
  /** What the process prints; its errors go to `<logFile>.err`, new at each start. */
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
  const { log, errors } = openFiles(context.home, background);
  const entry = cliEntry();
  const child = spawn(entry.file, [...entry.args, ...args], {
    detached: true,
    cwd: context.home,
    env: context.env,
    stdio: ["ignore", log, errors, "ipc"],
  });
  closeSync(log);
  closeSync(errors);
  try {
    return await readiness(child, background);
  } finally {
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Proves that the child's last words can be written: on a full disk it would end without a reason. */
function openFiles(home: string, background: Background): { readonly log: number; readonly errors: number } {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    mkdirSync(dirname(background.logFile), { recursive: true, mode: 0o700 });
    const log = openSync(background.logFile, "a", 0o600);
    const errors = openSync(errorFile(background), "w", 0o600);
    writeSync(errors, "\n");
    return { log, errors };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `${background.what} cannot be started: its log ${background.logFile} cannot be written (${why}). Check free space and the folder's permissions, then try again.`,
      { exitCode: 1, cause },
    );
  }
}

const errorFile = ({ logFile }: Background): string => `${logFile}.err`;

function readiness(child: ChildProcess, background: Background): Promise<Ready> {
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
      const words = readFileSync(errorFile(background), "utf8")
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
