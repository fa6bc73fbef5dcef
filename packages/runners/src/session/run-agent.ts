import {
  type BudgetStop,
  type Clock,
  type Instant,
  inDollars,
  inTokens,
  redact,
  redactedJson,
  type SpendStore,
  scopeWords,
} from "@agent-control-plane/core";
import { type Backend, oneLine, type ParsedEnding, type SessionEvent } from "../backends/backend.ts";
import { backendNamed } from "../backends/index.ts";
import { openCappedLog } from "./capped-log.ts";
import { followFile } from "./follow-file.ts";
import type { StopReason } from "./hold-lease.ts";
import { chooseIsolation } from "./isolation.ts";
import { createSpendMeter, type SpendMeter } from "./meter-spend.ts";
import type { ProgramEnding } from "./program-ending.ts";
import { redactLine } from "./redact-line.ts";
import { reportSpend } from "./report-spend.ts";
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
  readonly spend: Pick<SpendStore, "report">;
  readonly backends?: readonly Backend[];
}): Promise<ProgramEnding> {
  const { spec, clock, stop, startedAt } = request;
  const backend = backendNamed(spec.backend, request.backends);
  const meter = createSpendMeter({
    budget: spec.budget ?? null,
    prices: spec.prices ?? [],
    model: spec.model ?? null,
    isLocal: backend.capabilities.local,
    now: () => clock.now(),
  });
  const over = new AbortController();
  const reporting = reportSpend({ spend: request.spend, spec, meter, clock, over: over.signal });
  const parser = backend.createParser(() => clock.now(), spec.resumed ?? null);
  const output = openCappedLog(sessionFiles.output(spec.runDir), streamMaxBytes);
  const events = openCappedLog(sessionFiles.events(spec.runDir), streamMaxBytes);
  let limits: LimitWatch | null = null;

  const { follows } = spec.command;
  const follower = follows
    ? followFile(follows, (line) => takeAll(parser.pushFileLine?.(redactLine(line)) ?? []))
    : null;

  function takeAll(seen: readonly SessionEvent[]): void {
    for (const event of seen) take(event);
    const reached = meter.saw(seen);
    if (reached) stop.abort(stoppedBy(reached));
  }
  function take(event: SessionEvent): void {
    // What came in pieces may be whole only now.
    events.write(redactedJson(event));
    limits?.sawEvent(event);
    if (event.kind === "started" && event.nativeSessionId !== null) follower?.begin(event.nativeSessionId);
    if (event.kind === "approval" && event.answer === null) stop.abort(approvalAsked(event.detail));
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
      onLine: (said, stream) => {
        // Before anything cuts it: the beginning of a secret is not known for one.
        const line = redact(said);
        output.write(stream === "stdout" ? line : `[stderr] ${line}`);
        limits?.sawLife();
        if (stream === "stderr") {
          for (const event of parser.pushErrorLine?.(line) ?? []) take(event);
          return;
        }
        takeAll(parser.push(redactLine(said)));
      },
    });
    follower?.look();
    const parsed = parser.end(run.exit);
    meter.ended(parsed.usage);
    return withSpend(meter, endingOf(run, parsed, run.stopped ? stopReasonOf(stop.signal) : null));
  } finally {
    over.abort();
    // The timer ends with the wait: it would keep the wrapper, and whoever waits for its exit, for as long.
    const waited = new AbortController();
    await Promise.race([reporting, clock.sleep(2_000, waited.signal)]);
    waited.abort();
    (limits as LimitWatch | null)?.close();
    follower?.close();
    output.close();
    events.close();
  }
}

/** It would wait for ever: nobody is there to answer. */
function approvalAsked(detail: string): StopReason {
  const summary = oneLine(`it asked for an approval, and nobody is there to give one: ${detail}`);
  return { exitReason: "failed", failureReason: "approval-asked", summary, graceMs: 3_000 };
}

const stoppedBy = (budget: BudgetStop): StopReason => ({
  exitReason: "failed",
  failureReason: "budget-exhausted",
  summary: stopText(budget),
  budget,
});

const stopText = ({ scope, unit, spent, limit }: BudgetStop): string => {
  const words = unit === "usd" ? inDollars : inTokens;
  return `stopped at ${scopeWords[scope]}: ${words(spent)} of ${words(limit)}`;
};

/** A program that ended by a budget of its own was given ours. */
function withSpend(meter: SpendMeter, ending: ProgramEnding): ProgramEnding {
  const { usage, costKind } = meter.total();
  const counted = { ...ending, usage, ...(costKind === null ? {} : { costKind }) };
  if (ending.failureReason !== "budget-exhausted" || ending.budget) return counted;
  const budget = meter.reached();
  return budget ? { ...counted, budget } : counted;
}

export function stopReasonOf(signal: AbortSignal): StopReason | null {
  return signal.aborted ? (signal.reason as StopReason) : null;
}

/** Pure. Our own reason when it was us, then a signal that was not ours, then what the stream says. */
export function endingOf(run: SupervisedRun, parsed: ParsedEnding, stopped: StopReason | null): ProgramEnding {
  const { exit, tree } = run;
  const { usage, nativeSessionId, retryAt, retrySource, limit } = parsed;
  const from = { ...(retrySource === undefined ? {} : { retrySource }), ...(limit === undefined ? {} : { limit }) };
  const seen = { ...exit, usage, nativeSessionId, retryAt, ...from, processes: tree };
  // The last event before a limit may have been the end of the work.
  const isDone = parsed.good && stopped?.failureReason === "budget-exhausted";
  if (stopped && !isDone) {
    const { graceMs: _, ...why } = stopped;
    return { ...seen, ...why };
  }
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
