import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallbackAnswer, Flow } from "@agent-control-plane/core";
import { killAll } from "../session/process-tree.ts";
import { attemptEnvironment } from "./attempt-environment.ts";
import { attemptFiles } from "./attempt-files.ts";
import { exitCodeOf, lookAtCommand } from "./look-at-command.ts";
import { type CommandEnd, endCommand, runCommand } from "./run-command.ts";

const mostMs = 10 * 60_000;
/** More would be the machine's doing every time. */
const mostRuns = 5;
const graceMs = 5_000;
const followMs = 100;
const startMs = 5;

export interface CallbackOrder {
  readonly flow: Flow;
  readonly command: readonly string[];
  /** On its standard input. */
  readonly document: string;
  readonly delivery: string;
  readonly host: Readonly<Record<string, string | undefined>>;
  readonly leaving: AbortSignal;
  /** Default: ten minutes. */
  readonly limitMs?: number;
}

interface Run {
  readonly sessionId: string;
  readonly folder: string;
}

/**
 * Runs a flow's `on_done.command` in the folder `callback/<delivery>/<n>` of the flow, watched as a task's attempt is: it
 * outlives the runtime, and whoever comes later waits for this very run. It is run again only when nobody knows how the
 * last run ended. It was told whatever its exit code is.
 */
export async function runCallback(order: CallbackOrder): Promise<CallbackAnswer> {
  for (let number = 1; number <= mostRuns; number += 1) {
    const run = runOf(order, number);
    const startError = existsSync(run.folder) ? null : await start(order, run);
    if (startError !== null) return { isOver: true, answer: startError };
    const end = await untilOver(run, order);
    if (end === "left") return { isOver: false, answer: "it runs" };
    if (end === "late") return { isOver: true, answer: "stopped: it took too long" };
    if (end !== "lost") return { isOver: true, answer: `exit ${end}` };
  }
  return { isOver: true, answer: `lost ${mostRuns} times` };
}

const runOf = ({ flow, delivery }: CallbackOrder, number: number): Run => ({
  sessionId: `${delivery}-${number}`,
  folder: join(flow.folder, "callback", delivery, String(number)),
});

/** Answers when it has begun: whoever looks before that gives it up. In words: it could not be tried. */
async function start({ flow, command, document, delivery, host }: CallbackOrder, run: Run): Promise<string | null> {
  mkdirSync(run.folder, { recursive: true, mode: 0o700 });
  const file = join(run.folder, "callback.json");
  writeFileSync(file, document, { mode: 0o600 });
  const place = { flowId: flow.id, taskId: "", attempt: 1, round: 0, judgedFolder: null, ...run };
  const { ACP_TASK_ID, ACP_ATTEMPT, ACP_ROUND, ACP_CONTEXT_DIR, ACP_INPUTS_FILE, ACP_RESULT_FILE, ...env } =
    attemptEnvironment(place, flow.plan.defaults?.env ?? { pass: [], set: {} }, host);
  const own = { ACP_DELIVERY: delivery, ACP_FLOW_STATE: flow.state, ACP_CALLBACK_FILE: file };
  const argv = ["/bin/sh", "-c", 'exec "$@" <"$0"', file, ...command];
  let end: CommandEnd | null = null;
  void runCommand({ folder: run.folder, cwd: flow.plan.cwd, argv, env: { ...env, ...own } }).then((ended) => {
    end = ended;
  });
  const seen = (): CommandEnd | null => end;
  while (seen() === null && !existsSync(attemptFiles.begun(run.folder))) await sleep(startMs, null, { ref: false });
  return seen()?.startError ?? null;
}

/** By what can be seen of it: another runtime may have started this run. */
async function untilOver(
  run: Run,
  { leaving, limitMs = mostMs }: CallbackOrder,
): Promise<number | "lost" | "left" | "late"> {
  const lateAt = performance.now() + limitMs;
  for (;;) {
    const exitCode = exitCodeOf(run.folder);
    if (exitCode !== null) return exitCode;
    if (leaving.aborted) return "left";
    const look = lookAtCommand(run);
    if (look.kind === "exited") return look.exitCode;
    if (look.kind !== "running") {
      await killAll(run.sessionId, () => [], graceMs);
      return "lost";
    }
    if (performance.now() >= lateAt) {
      await endCommand({ sessionId: run.sessionId, watcher: look.watcher, graceMs });
      return "late";
    }
    await sleep(followMs, null, { ref: false });
  }
}
