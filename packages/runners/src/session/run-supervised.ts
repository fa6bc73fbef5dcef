import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import type { ProcessMark } from "@agent-control-plane/core";
import type { ProcessExit } from "../backends/backend.ts";
import type { StopReason } from "./hold-lease.ts";
import { type Isolation, inPidNamespace } from "./isolation.ts";
import { listProcesses, lookUpProcess } from "./process-list.ts";
import { processMark } from "./process-mark.ts";
import { endTree, type TreeEnd } from "./process-tree.ts";
import { createLineReader } from "./read-lines.ts";
import { createProcessRecorder, type ProcessRecorder } from "./record-processes.ts";
import type { BackendCommand, SessionSpec } from "./session-spec.ts";

export interface SupervisedRun {
  readonly exit: ProcessExit;
  readonly tree: TreeEnd;
  /** The program could not be started at all, for example because it is not there. */
  readonly spawnError: string | null;
  /** It was still running when `stop` was aborted. */
  readonly stopped: boolean;
}

/**
 * Runs one program to its end, and to the end of everything it left behind. Ends it when `stop` is aborted.
 * Two isolations, see isolation.ts; in both the tree's processes are recorded on disk while it runs.
 */
export async function runSupervised(request: {
  readonly spec: SessionSpec;
  readonly command: BackendCommand;
  readonly isolation: Isolation;
  readonly stop: AbortSignal;
  /** The tree's recorder, handed out before the program runs; its looks are the caller's rhythm. */
  readonly onStart: (recorder: ProcessRecorder) => void;
  readonly onLine: (line: string, stream: "stdout" | "stderr") => void;
}): Promise<SupervisedRun> {
  const { spec, command, isolation, stop } = request;
  const recorder = createProcessRecorder({ sessionId: spec.sessionId, runDir: spec.runDir, isolation });
  const child = start(spec, command, isolation);
  const root = child.pid === undefined ? null : processMark(child.pid);
  if (root) recorder.follow(root);
  request.onStart(recorder);
  const drained = readOutput(child, request.onLine);
  const exited = exitOf(child);

  const ended = await Promise.race([exited, aborted(stop)]);
  recorder.look();
  const program = ended === "stopped" && root ? programBelow(root, isolation) : null;
  const tree = await endTree({
    sessionId: spec.sessionId,
    main: program,
    holders: holdersOf(root, program),
    recorded: () => recorder.marks(),
    stopSignal: command.stopSignal,
    graceMs: Math.min(
      spec.limits.graceMs,
      (stop.reason as StopReason | undefined)?.graceMs ?? Number.POSITIVE_INFINITY,
    ),
  });
  // What cannot be killed may also never exit; the proof has said so already.
  const { exit, spawnError } = tree.survivors > 0 ? await Promise.race([exited, noExit]) : await exited;
  // A survivor may hold the pipe open for ever.
  await Promise.race([drained, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return {
    exit: isolation === "pid-namespace" ? asShellSays(exit) : exit,
    tree,
    spawnError,
    stopped: ended === "stopped",
  };
}

const noExit = new Promise<{ exit: ProcessExit; spawnError: null }>((resolve) => {
  setImmediate(() => resolve({ exit: { exitCode: null, signal: null }, spawnError: null }));
});

function start(spec: SessionSpec, command: BackendCommand, isolation: Isolation): ChildProcess {
  const { file, args } =
    isolation === "pid-namespace"
      ? inPidNamespace(command.file, command.args)
      : { file: command.file, args: command.args };
  const input = command.stdinFile ? openSync(command.stdinFile, "r") : null;
  try {
    return spawn(file, args, {
      cwd: spec.cwd,
      env: { ...spec.env },
      // A group and session of its own: a Ctrl-C at the daemon's terminal does not reach it.
      detached: true,
      stdio: [input ?? "ignore", "pipe", "pipe"],
    });
  } finally {
    if (input !== null) closeSync(input);
  }
}

/** Longest line a parser gets whole; tool results of agents reach some hundred kilobytes. */
const maxLineLength = 1024 * 1024;

function readOutput(
  child: ChildProcess,
  onLine: (line: string, stream: "stdout" | "stderr") => void,
): Promise<unknown> {
  return Promise.all(
    (["stdout", "stderr"] as const).map((stream) => {
      const lines = createLineReader(maxLineLength, (line) => onLine(line, stream));
      child[stream]?.on("data", (chunk: Buffer) => lines.push(chunk));
      return new Promise<void>((resolve) => {
        child[stream]?.once("close", () => {
          lines.end();
          resolve();
        });
        if (!child[stream]) resolve();
      });
    }),
  );
}

function exitOf(child: ChildProcess): Promise<{ readonly exit: ProcessExit; readonly spawnError: string | null }> {
  return new Promise((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exit: { exitCode, signal }, spawnError: null }));
    child.once("error", (error) => {
      if (child.pid === undefined) resolve({ exit: { exitCode: 127, signal: null }, spawnError: error.message });
    });
  });
}

function aborted(signal: AbortSignal): Promise<"stopped"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("stopped");
    signal.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
}

/** In a namespace the program is the child of its init, which is the child of `unshare`. */
function programBelow(root: ProcessMark, isolation: Isolation): ProcessMark | null {
  if (isolation === "process-tree") return root;
  const all = [...listProcesses().values()];
  const init = all.find((one) => one.parentPid === root.pid);
  const program = init && all.find((one) => one.parentPid === init.pid);
  return program ? { pid: program.pid, startedMark: program.startedMark } : null;
}

function holdersOf(root: ProcessMark | null, program: ProcessMark | null): readonly ProcessMark[] {
  if (!root || !program || program.pid === root.pid) return [];
  const init = processMark(lookUpProcess(program.pid)?.parentPid ?? 0);
  return init ? [root, init] : [root];
}

/**
 * The init is a shell: it says 128 + n for a program that ended by signal n. Signals above TERM end nobody here, and one
 * CLI has such exit codes of its own (145 is its word for HTTP status 401).
 */
function asShellSays(exit: ProcessExit): ProcessExit {
  const number = (exit.exitCode ?? 0) - 128;
  if (number < 1 || number > constants.signals.SIGTERM) return exit;
  const name = Object.entries(constants.signals).find(([, each]) => each === number)?.[0];
  return name ? { exitCode: null, signal: name } : exit;
}
