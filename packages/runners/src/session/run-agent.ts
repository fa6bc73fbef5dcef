import type { Clock, Instant } from "@agent-control-plane/core";
import { isProgress, type ParsedEnding, type SessionEvent } from "../backends/backend.ts";
import { backendNamed } from "../backends/index.ts";
import { openCappedLog } from "./capped-log.ts";
import type { StopReason } from "./hold-lease.ts";
import { chooseIsolation } from "./isolation.ts";
import type { ProgramEnding } from "./program-ending.ts";
import { runSupervised, type SupervisedRun } from "./run-supervised.ts";
import { sessionFiles } from "./session-files.ts";
import type { SessionSpec } from "./session-spec.ts";
import { type LimitWatch, watchLimits } from "./watch-limits.ts";

/** Most the output and the events of one session take on disk, each. */
export const streamMaxBytes = 20 * 1024 * 1024;

/** Runs the backend's program: lines to its parser, events to `events.jsonl`, everything to `output.log`. */
export async function runAgent(request: {
  readonly spec: SessionSpec;
  readonly clock: Clock;
  readonly stop: AbortController;
  readonly startedAt: Instant;
}): Promise<ProgramEnding> {
  const { spec, clock, stop, startedAt } = request;
  const backend = backendNamed(spec.backend);
  const parser = backend.createParser(() => clock.now(), spec.resumed ?? null);
  const output = openCappedLog(sessionFiles.output(spec.runDir), streamMaxBytes);
  const events = openCappedLog(sessionFiles.events(spec.runDir), streamMaxBytes);
  let limits: LimitWatch | null = null;

  function take(event: SessionEvent): void {
    events.write(JSON.stringify(event));
    if (isProgress(event)) limits?.sawProgress();
  }
  try {
    const run = await runSupervised({
      spec,
      command: spec.command,
      isolation: chooseIsolation(spec.isolation),
      stop: stop.signal,
      onStart: (recorder) => {
        const requestStop = (reason: StopReason) => stop.abort(reason);
        const workIsLife = !backend.capabilities.announcesStart;
        limits = watchLimits({ spec, clock, startedAt, recorder, workIsLife, requestStop });
      },
      onLine: (line, stream) => {
        output.write(stream === "stdout" ? line : `[stderr] ${line}`);
        limits?.sawLife();
        if (stream === "stdout") for (const event of parser.push(line)) take(event);
      },
    });
    return endingOf(run, parser.end(run.exit), run.stopped ? stopReasonOf(stop.signal) : null);
  } finally {
    (limits as LimitWatch | null)?.close();
    output.close();
    events.close();
  }
}

export function stopReasonOf(signal: AbortSignal): StopReason | null {
  return signal.aborted ? (signal.reason as StopReason) : null;
}

/** Pure. Our own reason when it was us, then a signal that was not ours, then what the stream says. */
export function endingOf(run: SupervisedRun, parsed: ParsedEnding, stopped: StopReason | null): ProgramEnding {
  const { exit, tree } = run;
  const { usage, nativeSessionId, retryAt, retrySource } = parsed;
  const from = retrySource === undefined ? {} : { retrySource };
  const seen = { ...exit, usage, nativeSessionId, retryAt, ...from, processes: tree };
  if (stopped) return { ...seen, ...stopped };
  if (run.spawnError) {
    return { ...seen, exitReason: "failed", failureReason: "agent-not-found", summary: run.spawnError };
  }
  const { failureReason, summary } = parsed;
  if (exit.signal) return { ...seen, exitReason: "killed", failureReason, summary };
  if (tree.survivors > 0) {
    const left = `${tree.survivors} processes of the session could not be killed`;
    return { ...seen, exitReason: "failed", failureReason: "survivors-after-kill", summary: left };
  }
  return { ...seen, exitReason: parsed.good ? "finished" : "failed", failureReason, summary };
}
