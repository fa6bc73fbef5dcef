import { join } from "node:path";
import { type Clock, type Instant, redact } from "@agent-control-plane/core";
import { openCappedLog } from "./capped-log.ts";
import type { StopReason } from "./hold-lease.ts";
import { chooseIsolation } from "./isolation.ts";
import type { ProgramEnding } from "./program-ending.ts";
import { stopReasonOf } from "./run-agent.ts";
import type { Verification, VerifiedCommand } from "./run-file-shapes.ts";
import { runSupervised, type SupervisedRun } from "./run-supervised.ts";
import { sessionFiles } from "./session-files.ts";
import type { SessionSpec } from "./session-spec.ts";
import { type LimitWatch, watchLimits } from "./watch-limits.ts";
import { writeAtomically } from "./write-atomically.ts";

/**
 * Runs the profile's checks one after the other; the first that fails is the last. `verification.json` is written by
 * us after each, so that nothing a check prints or writes can pass for its result.
 */
export async function runVerification(request: {
  readonly spec: SessionSpec;
  readonly clock: Clock;
  readonly stop: AbortController;
  readonly startedAt: Instant;
}): Promise<ProgramEnding> {
  const { spec, stop } = request;
  const commands = spec.verify?.commands ?? [];
  const done: VerifiedCommand[] = [];
  const processes = { killed: 0, survivors: 0 };
  let last: SupervisedRun | null = null;
  save(spec, done, commands.length === 0);

  for (const [index, { name, command, phase }] of commands.entries()) {
    if (stop.signal.aborted) break;
    const logFile = `verify-${index + 1}-${fileSafe(name)}.log`;
    const beganAt = request.clock.now();
    last = await runCheck({ ...request, command, logFile });
    processes.killed += last.tree.killed;
    processes.survivors += last.tree.survivors;
    done.push({
      name,
      command,
      ...last.exit,
      durationMs: request.clock.now() - beganAt,
      logFile,
      ...(phase ? { phase } : {}),
    });
    const passedSoFar = last.exit.exitCode === 0 && processes.survivors === 0 && !last.stopped;
    save(spec, done, passedSoFar && done.length === commands.length);
    if (!passedSoFar) break;
  }
  const stoppedBetween = done.length < commands.length && done.every((one) => one.exitCode === 0);
  const stopped = last?.stopped || stoppedBetween ? stopReasonOf(stop.signal) : null;
  return endingOf(done, commands.length, last, processes, stopped);
}

async function runCheck(check: {
  readonly spec: SessionSpec;
  readonly clock: Clock;
  readonly stop: AbortController;
  readonly startedAt: Instant;
  readonly command: string;
  readonly logFile: string;
}): Promise<SupervisedRun> {
  const { spec, clock, stop, startedAt, command, logFile } = check;
  const output = openCappedLog(join(spec.runDir, logFile), 20 * 1024 * 1024);
  let limits: LimitWatch | null = null;
  try {
    return await runSupervised({
      spec,
      command: { file: "/bin/sh", args: ["-c", command], stdinFile: null, stopSignal: "SIGTERM" },
      isolation: chooseIsolation(spec.isolation),
      stop: stop.signal,
      onStart: (recorder) => {
        const requestStop = (reason: StopReason) => stop.abort(reason);
        limits = watchLimits({ spec, clock, startedAt, recorder, workIsLife: true, requestStop });
        limits.sawProgress();
      },
      onLine: (said, stream) => {
        const line = redact(said);
        output.write(stream === "stdout" ? line : `[stderr] ${line}`);
        limits?.sawProgress();
      },
    });
  } finally {
    (limits as LimitWatch | null)?.close();
    output.close();
  }
}

function save(spec: SessionSpec, commands: readonly VerifiedCommand[], passed: boolean): void {
  const verification: Verification = { commands, passed };
  writeAtomically(sessionFiles.verification(spec.runDir), `${JSON.stringify(verification, null, 2)}\n`);
}

function endingOf(
  done: readonly VerifiedCommand[],
  wanted: number,
  last: SupervisedRun | null,
  processes: ProgramEnding["processes"],
  stopped: StopReason | null,
): ProgramEnding {
  const exit = last?.exit ?? { exitCode: null, signal: null };
  const seen = { ...exit, usage: {}, nativeSessionId: null, retryAt: null, processes };
  if (stopped) return { ...seen, ...stopped };
  if (processes.survivors > 0) {
    const left = `${processes.survivors} processes of the checks could not be killed`;
    return { ...seen, exitReason: "failed", failureReason: "survivors-after-kill", summary: left };
  }
  const failed = done.find((one) => one.exitCode !== 0);
  if (!failed) {
    const summary = wanted === 0 ? "there is nothing to verify" : `${done.length} of ${wanted} checks passed`;
    return { ...seen, exitReason: "finished", failureReason: null, summary };
  }
  const how = failed.signal ? `ended by ${failed.signal}` : `exit code ${failed.exitCode}`;
  const summary = `check "${failed.name}" failed: ${how}`;
  return { ...seen, exitReason: "failed", failureReason: "verification-failed", summary };
}

function fileSafe(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40) || "check";
}
