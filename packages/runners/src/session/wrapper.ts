import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Clock,
  type Ending,
  isCount,
  type ProcessMark,
  redactedJson,
  rememberSecret,
  rememberSecretLines,
  type SessionStore,
  type SpendStore,
  systemClock,
  type TaskStore,
} from "@agent-control-plane/core";
import type { Backend } from "../backends/backend.ts";
import { collectResult, forgetEarlierResult, removeResultFolder } from "./collect-result.ts";
import { holdLease, type StopReason } from "./hold-lease.ts";
import { isAlive, processMark } from "./process-mark.ts";
import type { ProgramEnding } from "./program-ending.ts";
import { removeLogins } from "./remove-logins.ts";
import { runAgent } from "./run-agent.ts";
import { runVerification } from "./run-verification.ts";
import { readWrapperMark, sessionFiles } from "./session-files.ts";
import type { SessionSpec } from "./session-spec.ts";
import { writeAtomically } from "./write-atomically.ts";

/** What a wrapper needs of the store. */
export interface WrapperStore {
  readonly tasks: Pick<TaskStore, "heartbeat">;
  readonly sessions: Pick<SessionStore, "start" | "end">;
  readonly spend: Pick<SpendStore, "report">;
  close(): Promise<void>;
}

/**
 * The session wrapper: a small process that outlives the daemon. One session, from `spec.json` to `ending.json`:
 *
 *     say who we are -> start the session row -> run, under limits and lease -> prove the tree gone
 *       -> take the result file -> ending.json -> end the session row
 *
 * Killed in the middle, it leaves `wrapper.json` and `processes.json`; `reapSession` ends the rest. The ending is on
 * disk before the store hears of it, so a store that is away costs time and never the result.
 */
export async function runSessionWrapper(request: {
  readonly specPath: string;
  readonly openStore: (storePath: string) => Promise<WrapperStore>;
  readonly clock?: Clock;
  /** Instead of those there are: for tests that bring one of their own. */
  readonly backends?: readonly Backend[];
}): Promise<void> {
  const clock = request.clock ?? systemClock;
  const spec = readSpec(request.specPath);
  const self = processMark(process.pid);
  if (!self) throw new Error(`Cannot read the start time of our own process ${process.pid}.`);
  const other = readWrapperMark(spec.runDir);
  // A second wrapper must not take the first one's place in the run folder; its row would refuse us anyway.
  if (other && isAlive(other)) return;
  writeAtomically(sessionFiles.wrapper(spec.runDir), `${JSON.stringify(self)}\n`);

  rememberPassedSecrets(spec);
  const stop = stopOnSignals();
  const store = await opened(() => request.openStore(spec.storePath), spec, clock);
  try {
    if ((await startRow(store, spec, self, clock)) === "lost") return;
    const ending = await superviseProgram(spec, store, clock, stop, request.backends);
    keepEnding(spec, ending);
    await endRow(store, spec, ending, clock);
  } finally {
    await store.close();
  }
}

function readSpec(path: string): SessionSpec {
  const spec = JSON.parse(readFileSync(path, "utf8")) as SessionSpec;
  if (!spec.secretNames?.length) return spec;
  // Our starter writes it and closes; one that died in between has written nothing, and nothing was begun.
  const secrets = JSON.parse(readFileSync(0, "utf8")) as Record<string, string>;
  return { ...spec, env: { ...spec.env, ...secrets } };
}

/** The agent may print what was passed to it: what it leaves, and the store, keep only what `redact` does not know. */
function rememberPassedSecrets({ env, secretNames = [] }: SessionSpec): void {
  for (const [name, value] of Object.entries(env)) {
    const isNamed = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|ACCESS_?KEY/i.test(name);
    if ((isNamed && !isCount(name, value)) || secretNames.includes(name)) rememberSecretLines(value);
  }
}

/** Tokens of a login, whatever its file calls them. */
function rememberLogin(path: string): void {
  for (const [token] of readFileSync(path, "utf8").matchAll(/(?<=")[\w.~+/=-]{20,}(?=")/g)) rememberSecret(token);
}

/** A store that is busy or away for a moment costs a moment; one that stays away means that nothing is started. */
async function opened(open: () => Promise<WrapperStore>, spec: SessionSpec, clock: Clock): Promise<WrapperStore> {
  const giveUpAt = clock.now() + spec.leaseMs / 2;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (clock.now() >= giveUpAt) throw error;
    }
    await clock.sleep(250);
  }
}

/** On a full disk the row is the only place left for the ending. */
function keepEnding(spec: SessionSpec, ending: Ending): void {
  try {
    writeAtomically(sessionFiles.ending(spec.runDir), `${redactedJson(ending, 2)}\n`);
  } catch (error) {
    console.error(`ending.json could not be written: ${error}`);
  }
}

/** The first reason wins: an aborted controller keeps its reason. */
function stopOnSignals(): AbortController {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      const reason: StopReason = { exitReason: "stopped", failureReason: null, summary: "stopped on request" };
      stop.abort(reason);
    });
  }
  process.on("SIGHUP", () => {});
  // A fault of ours must not leave a program without its supervisor: it ends, and the ending says why.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
      stop.abort(faultOf(error));
    });
  }
  return stop;
}

function faultOf(error: unknown): StopReason {
  const { summary } = couldNotRun(error);
  return { exitReason: "failed", failureReason: "runner-aborted-before-completion", summary };
}

async function superviseProgram(
  spec: SessionSpec,
  store: WrapperStore,
  clock: Clock,
  stop: AbortController,
  backends?: readonly Backend[],
): Promise<Ending> {
  const startedAt = clock.now();
  const over = new AbortController();
  const lease = holdLease({
    tasks: store.tasks,
    lease: { taskId: spec.taskId, term: spec.term },
    leaseMs: spec.leaseMs,
    heartbeatMs: spec.heartbeatMs,
    clock,
    over: over.signal,
    requestStop: (reason) => stop.abort(reason),
  });
  const trust = setInterval(lease.checkTrust, Math.min(1_000, spec.leaseMs / 10));
  try {
    prepareFolders(spec);
    if (spec.kind === "agent") forgetEarlierResult(resultFolderOf(spec));
    const run = spec.kind === "verify" ? runVerification : runAgent;
    const ended = await run({ spec, clock, stop, startedAt, spend: store.spend, ...(backends ? { backends } : {}) });
    const taken = spec.kind === "agent" ? takeResult(spec) : null;
    const summary = ended.summary === "" && taken ? `left ${taken}` : ended.summary;
    return { ...ended, summary, startedAt, endedAt: clock.now() };
  } catch (error) {
    return { ...couldNotRun(error), startedAt, endedAt: clock.now() };
  } finally {
    clearInterval(trust);
    over.abort();
    removeLogins(spec.seedFiles ?? []);
    await atMost(lease.done, 2_000, clock);
  }
}

/** A result that cannot be kept is a missing result; it must not hide how the program ended. */
function takeResult(spec: SessionSpec): string | null {
  try {
    const taken = collectResult(resultFolderOf(spec), spec.runDir);
    if (spec.resultFolder !== undefined) removeResultFolder(spec.resultFolder);
    return taken;
  } catch (error) {
    console.error(`the result file could not be kept: ${error}`);
    return null;
  }
}

const resultFolderOf = ({ resultFolder, cwd }: SessionSpec): string => resultFolder ?? join(cwd, ".acp");

function prepareFolders(spec: SessionSpec): void {
  if (!existsSync(spec.cwd)) throw new Error(`its worktree ${spec.cwd} is not there`);
  const { runDir, command } = spec;
  for (const folder of [sessionFiles.home(runDir), sessionFiles.tmp(runDir), ...(command.folders ?? [])]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  for (const { from, to, isSecret } of spec.seedFiles ?? []) {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
    chmodSync(to, 0o600);
    if (isSecret) rememberLogin(to);
  }
  for (const { path, text } of spec.files ?? []) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600 });
  }
}

/** A heartbeat that hangs must not keep the ending back. */
async function atMost(work: Promise<void>, limitMs: number, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([work.finally(() => done.abort()), clock.sleep(limitMs, done.signal)]);
}

function couldNotRun(error: unknown): ProgramEnding {
  return {
    exitReason: "failed",
    failureReason: "runner-aborted-before-completion",
    exitCode: null,
    signal: null,
    nativeSessionId: null,
    usage: {},
    retryAt: null,
    summary: `the session could not be run: ${error instanceof Error ? error.message : error}`.slice(0, 500),
    processes: { killed: 0, survivors: 0 },
  };
}

/** A store that is away is asked again, but nothing is started once the lease cannot be trusted any more. */
async function startRow(
  store: WrapperStore,
  spec: SessionSpec,
  self: ProcessMark,
  clock: Clock,
): Promise<"applied" | "lost"> {
  return untilAnswered(() => store.sessions.start(spec.sessionId, spec.term, self), spec.leaseMs * 0.8, clock);
}

const endRowTriesMs = 15 * 60_000;

async function endRow(store: WrapperStore, spec: SessionSpec, ending: Ending, clock: Clock): Promise<void> {
  await untilAnswered(() => store.sessions.end(spec.sessionId, spec.term, ending), endRowTriesMs, clock);
}

async function untilAnswered(
  ask: () => Promise<"applied" | "lost">,
  limitMs: number,
  clock: Clock,
): Promise<"applied" | "lost"> {
  const giveUpAt = clock.now() + limitMs;
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    try {
      return await ask();
    } catch (error) {
      console.error(`${new Date(clock.now()).toISOString()} the store did not answer: ${error}`);
      if (clock.now() + pauseMs >= giveUpAt) return "lost";
    }
    await clock.sleep(pauseMs);
  }
}
