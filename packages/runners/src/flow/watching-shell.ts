import { type ChildProcess, spawn } from "node:child_process";
import { attemptFiles } from "./attempt-files.ts";

/**
 * The shell that watches a command of a flow. It outlives the runtime that started it, and knows nothing but two files:
 * `begun`, which it makes before anything else and which only one can make (`set -C`), and `exit`, one line, the code.
 * Only built-ins, and no subshell: a task of five milliseconds costs two processes, this one and its own. It notes a signal and goes on waiting,
 * so that the command's end is written down also when the whole group was asked to end.
 */
export const watchingScript = [
  "trap : HUP INT TERM",
  "umask 077",
  "set -C",
  '{ echo "$$" >"$1"; } 2>/dev/null || exit 0',
  "set +C",
  "begun=$1 exit=$2 out=$3 err=$4",
  "shift 4",
  '"$@" </dev/null >>"$out" 2>>"$err"',
  "code=$?",
  'echo "$code" >"$exit"',
  'exit "$code"',
].join("\n");

/** Starts the command in a session and process group of its own. Throws when not even the shell can be started. */
export function startWatched(of: {
  readonly folder: string;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}): ChildProcess {
  const { folder, cwd, argv, env } = of;
  const files = [attemptFiles.begun, attemptFiles.exit, attemptFiles.stdout, attemptFiles.stderr];
  const child = spawn("/bin/sh", ["-c", watchingScript, "acp-task", ...files.map((file) => file(folder)), ...argv], {
    cwd,
    env: { ...env },
    detached: true,
    stdio: "ignore",
  });
  // Without a listener a failed start would be thrown from nowhere.
  child.on("error", () => {});
  child.unref();
  return child;
}
