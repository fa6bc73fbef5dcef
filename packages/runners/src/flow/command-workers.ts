import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Clock,
  type Ending,
  type ExitReason,
  type FlowAttempt,
  type FlowWorkers,
  type FollowedEnd,
  type Millis,
  runsCommands,
  type StopCause,
} from "@agent-control-plane/core";
import { processMark } from "../session/process-mark.ts";
import { killAll } from "../session/process-tree.ts";
import { assessAttempt } from "./assess-attempt.ts";
import { commandEnvironment } from "./attempt-environment.ts";
import { attemptFiles, folderOf } from "./attempt-files.ts";
import { commandOf } from "./command-of.ts";
import { exitCodeOf, lookAtCommand } from "./look-at-command.ts";
import { prepareAttempt } from "./prepare-attempt.ts";
import { type CommandEnd, endCommand, runCommand } from "./run-command.ts";
import { sweepMarked } from "./sweep-marked.ts";

export interface CommandWorkersOptions {
  readonly clock: Clock;
  /** The runtime's environment; commands get an allowlist of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Between asking a command to end and killing all that belongs to it. */
const graceMs = 5_000;
/** Between looks at a command that another runtime started. */
const followMs = 100;

const shellKilled = "its shell was killed";

/** Runs the tasks of flows whose worker is `shell` or `python`. */
export function createCommandWorkers(options: CommandWorkersOptions): FlowWorkers {
  const { clock, env } = options;
  const over = new Set<string>();
  return {
    refuses: (worker) => (runsCommands(worker) ? null : `${worker} cannot be run here`),
    async run(attempt, context, stop) {
      prepareAttempt(attempt, context);
      const startedAt = clock.now();
      const watched = await watch(attempt, startedAt, stop, runCommand(orderOf(attempt, env)));
      over.add(attempt.session.id);
      return watched;
    },
    async follow(attempt, stop) {
      const { id: sessionId, runDir: folder } = attempt.session;
      const look = lookAtCommand({ sessionId, folder });
      const followed = await followFrom(look);
      over.add(sessionId);
      return followed;

      async function followFrom(seen: typeof look): Promise<FollowedEnd> {
        if (seen.kind === "never-begun") return "never-begun";
        const startedAt = Math.min(clock.now(), Math.round(statSync(attemptFiles.begun(folder)).mtimeMs));
        if (seen.kind === "running") return watch(attempt, startedAt, stop, untilGone(sessionId, folder));
        const exitCode = seen.kind === "exited" ? seen.exitCode : null;
        return endOf(attempt, endingOf(startedAt, { exitCode, startError: null }, null));
      }
    },
    assess: (attempt, ending) => assessAttempt(attempt, ending, commandEnvironment(attempt, env)),
    sweep() {
      if (over.size === 0) return;
      if (sweepMarked((id) => over.has(id)) === 0) over.clear();
    },
  };

  /** Its end, by itself, by its time limit, or because it was asked to. */
  async function watch(
    attempt: FlowAttempt,
    startedAt: number,
    stop: AbortSignal,
    gone: Promise<CommandEnd>,
  ): Promise<FollowedEnd> {
    const { task, session } = attempt;
    const leftMs = startedAt + task.spec.timeoutMs - clock.now();
    const cause = await Promise.race([gone.then(() => null), aborted(stop), timedOut(leftMs, gone)]);
    if (cause === null) return endOf(attempt, endingOf(startedAt, await gone, null));
    if (cause === "stopped" && stop.reason === ("interrupted" satisfies StopCause)) noteInterruption(session.runDir);
    await endNow(session.id, session.runDir);
    return endingOf(startedAt, await staying(gone), cause);
  }

  /** Of an end that was not of our doing, as far as this runtime knows. */
  async function endOf({ session }: FlowAttempt, ending: Ending): Promise<FollowedEnd> {
    if (existsSync(attemptFiles.interrupted(session.runDir))) return "interrupted";
    // Of a program that could not be tried the system says why; that its shell was killed says nothing of the work.
    if (ending.exitCode !== null || ending.summary !== shellKilled) return ending;
    await killAll(session.id, () => [], 8_000);
    return "vanished";
  }

  async function endNow(sessionId: string, folder: string): Promise<void> {
    const look = lookAtCommand({ sessionId, folder });
    if (look.kind === "running") await endCommand({ sessionId, watcher: look.watcher, graceMs });
    else await killAll(sessionId, () => [], 8_000);
  }

  function endingOf(startedAt: number, end: CommandEnd, cause: "timed-out" | "stopped" | null): Ending {
    const finished: ExitReason = end.exitCode === 0 ? "finished" : "failed";
    return {
      exitReason: cause ?? finished,
      failureReason: null,
      exitCode: end.exitCode,
      signal: null,
      startedAt,
      endedAt: clock.now(),
      nativeSessionId: null,
      usage: {},
      retryAt: null,
      summary: end.startError ?? (end.exitCode === null ? shellKilled : `exit code ${end.exitCode}`),
      processes: { killed: 0, survivors: 0 },
    };
  }
}

function noteInterruption(folder: string): void {
  try {
    writeFileSync(attemptFiles.interrupted(folder), "", { mode: 0o600 });
  } catch {
    // On a full disk, say: its end counts as a failure if this runtime dies of that, too.
  }
}

/** An argument of a program may have 128 KB on Linux; a longer text is run from a file. */
const longestArgument = 100_000;

function orderOf(attempt: FlowAttempt, host: CommandWorkersOptions["env"]): Parameters<typeof runCommand>[0] {
  const { task, session } = attempt;
  const { spec } = task;
  const isLong = typeof spec.command === "string" && Buffer.byteLength(spec.command) > longestArgument;
  const argv = isLong ? fromFile(session.runDir, spec.worker, spec.command as string) : commandOf(spec);
  if (argv === null) throw new Error(`Task ${task.id} has no command, and its worker is ${spec.worker}.`);
  return { folder: session.runDir, cwd: folderOf(attempt), argv, env: commandEnvironment(attempt, host) };
}

function fromFile(folder: string, worker: string, text: string): readonly string[] {
  const file = join(folder, "command");
  writeFileSync(file, text, { mode: 0o600 });
  return [worker === "python" ? "python3" : "/bin/sh", file];
}

/** For a runtime that is not its parent. */
async function untilGone(sessionId: string, folder: string): Promise<CommandEnd> {
  for (;;) {
    const look = lookAtCommand({ sessionId, folder });
    if (look.kind === "exited") return { exitCode: look.exitCode, startError: null };
    if (look.kind !== "running") return { exitCode: exitCodeOf(folder), startError: null };
    const { pid } = look.watcher;
    while (processMark(pid)?.startedMark === look.watcher.startedMark) await sleep(followMs, null, { ref: false });
  }
}

/** No command keeps this process from ending; an end that was asked for has to be seen, and saved, before it does. */
async function staying<T>(until: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 60_000);
  try {
    return await until;
  } finally {
    clearInterval(timer);
  }
}

function aborted(signal: AbortSignal): Promise<"stopped"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("stopped");
    signal.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
}

/** Far timers are cut to what Node can count. None of them keeps a runtime from ending that leaves its attempts to another. */
function timedOut(ms: Millis, gone: Promise<unknown>): Promise<"timed-out"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("timed-out"), Math.min(Math.max(0, ms), 2 ** 31 - 1));
    timer.unref();
    void gone.then(() => clearTimeout(timer));
  });
}
