import { loadProfile, type StopMode, UserError } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import type { FirstTicks } from "./first-ticks.ts";
import { runtimeLog } from "./runtime-log.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { selected } from "./selected-profiles.ts";

export async function run(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { runDaemon } = await import("./run-daemon.ts");
  const { startedBy, withoutStarter } = await import("./started-by.ts");
  const { createNotices } = await import("./notify.ts");
  const ids = selected(context, options);
  const notices = createNotices(context);
  const isOurs = process.send !== undefined || startedBy(context.env) !== null || options.logFile === true;
  // What it starts is not the service, and says nothing in its name.
  const own = { ...context, env: withoutStarter(context.env) };
  let isReady = false;
  const daemon = runDaemon(own, ids, {
    ...(isOurs ? { logFile: runtimeLog(context.home), printsToLog: true } : {}),
    isFollowing: options.all ?? false,
    onProgress: (state) => notices.progress(state),
    onReady: (ready) => {
      isReady = true;
      notices.ready(ready.ticks);
      // Whoever started us may have left a moment ago.
      if (process.send) process.send(ready, () => {});
      else {
        context.output.note(`ready: ${ids.join(", ")} (Ctrl-C drains and stops)`);
        noteProblems(context, ready.ticks);
      }
    },
    signals: {
      onStop: (stop) => {
        const drainMs = Math.max(...ids.map((id) => drainOf(context, id)));
        const stopping: typeof stop = (mode) => {
          notices.stopping(drainMs);
          stop(mode);
        };
        onSignals(context, stopping, drainMs);
        whenLeftAlone(() => {
          if (!isReady) stopNow(stopping);
        });
      },
    },
  });
  await daemon.catch((error: unknown) => notices.failed(error));
  await daemon;
  if (!process.send) context.output.note("stopped");
}

/** Ctrl-C while it was being started: nobody wants it, and what it has begun is given back rather than left to expire. */
function whenLeftAlone(act: () => void): void {
  if (!process.send) return;
  if (process.connected) process.once("disconnect", act);
  else act();
}

/** The second word ends the sessions without waiting for them. */
function stopNow(stop: (mode: StopMode) => void): void {
  stop("end");
  stop("end");
}

/** First Ctrl-C drains, the second ends the sessions, the third leaves. TERM drains; USR2 leaves the sessions alive. */
function onSignals(context: CliContext, stop: (mode: StopMode) => void, drainMs: number): void {
  process.on("SIGTERM", () => stop("end"));
  process.on("SIGUSR2", () => stop("keep"));
  process.once("SIGINT", () => {
    process.once("SIGINT", () => {
      // With no listener left, the third one ends the process as it would any other.
      context.output.note("ending the sessions now; Ctrl-C again leaves at once, and the next start tidies up");
      stop("end");
    });
    context.output.note(
      `stopping: sessions may end by themselves for ${Math.round(drainMs / 1000)} s, then they are ended; Ctrl-C again ends them now`,
    );
    stop("end");
  });
}

export async function start(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { isRefused, startRuntime } = await import("./start-runtime.ts");
  const ids = selected(context, options);
  const started = await startRuntime(context, ids, { isFollowing: options.all ?? false });
  if (Object.values(started.ticks).some(isRefused)) context.exitWith(1);
  if (options.json) return context.output.json(started);
  if (started.status === "already-running")
    return context.output.print(`already running, pid ${started.pid}: ${ids.join(", ")}`);
  for (const name of started.services) context.output.note(`started by its service ${name}`);
  context.output.print(`running, pid ${started.pid}: ${ids.join(", ")}`);
  noteProblems(context, started.ticks);
}

/** What keeps the runtime from working although it runs. */
function noteProblems(context: CliContext, ticks: FirstTicks): void {
  for (const [id, found] of Object.entries(ticks)) {
    const problem = found.error ?? found.forgeDetail;
    if (problem)
      context.output.note(
        `${context.output.noteStyle.yellow("warning:")} ${id}: ${problem}\nIt is tried again each tick; "acp runtime status --profile-id ${id}" shows how it stands.`,
      );
  }
}

export async function stop(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { everythingAtWork, stopDaemons } = await import("./stop-daemon.ts");
  const ids = (options.all ? await everythingAtWork(context) : null) ?? selected(context, options);
  const drainMs = Math.max(0, ...ids.map((id) => drainOf(context, id, options.all)));
  const mode = options.keepSessions ? "keep" : "end";
  const stopped = await stopDaemons(context, ids, {
    mode,
    waitMs: drainMs + 60_000,
    isAll: options.all ?? false,
    onProgress: (text) => context.output.note(text),
  });
  const well = stopped.survivors === 0 && stopped.daemons.every((daemon) => daemon.ended);
  if (!well) context.exitWith(1);
  if (options.json) return context.output.json({ profiles: ids, ...stopped, status: well ? "stopped" : "not-stopped" });
  for (const daemon of stopped.daemons)
    context.output.print(daemon.ended ? `stopped, pid ${daemon.pid}` : `still running, pid ${daemon.pid}`);
  if (stopped.daemons.length === 0) context.output.print(`not running: ${ids.join(", ")}`);
  for (const name of options.isRestarting ? [] : stopped.services)
    context.output.note(
      `Its service ${name} was stopped; it starts again with your next login, or by "acp runtime start". "acp service uninstall" ends that.`,
    );
  if (stopped.reaped.length > 0) context.output.print(`ended what was left of ${stopped.reaped.join(", ")}`);
  if (stopped.sessionsKept > 0)
    context.output.print(counted(stopped.sessionsKept, "session goes on", "sessions go on"));
  if (stopped.survivors > 0)
    context.output.note(
      `${counted(stopped.survivors, "process", "processes")} could not be ended; see "acp sessions list"`,
    );
}

/** A profile that broke meanwhile, or is gone, must not keep its daemon from being stopped. */
function drainOf(context: CliContext, id: string, mayBeGone = false): number {
  try {
    return loadProfile(context.home, id, context.env, backends).scheduler.drainMs;
  } catch (error) {
    if (error instanceof UserError && (mayBeGone || error.exitCode !== 66)) return 30_000;
    throw error;
  }
}

export async function restart(context: CliContext, options: RuntimeOptions): Promise<void> {
  // A profile that cannot be loaded is found before anything is stopped.
  for (const id of selected(context, options)) loadProfile(context.home, id, context.env, backends);
  // With --json the one document is the start's; what the stop says is progress.
  const stopping = options.json ? { ...context, output: { ...context.output, print: context.output.note } } : context;
  await stop(stopping, { ...options, keepSessions: true, json: false, isRestarting: true });
  await start(context, options);
}

export async function pause(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { pauseProfiles, printPaused } = await import("./pause-profiles.ts");
  const { pausing } = await import("./pause-scope.ts");
  const paused = await pauseProfiles(context, { ...pausing(context, options), reason: options.reason });
  if (options.json) return context.output.json(paused);
  printPaused(context, paused, options.reason !== undefined);
}

export async function resume(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { resumeProfiles, printResumed } = await import("./pause-profiles.ts");
  const { pausing } = await import("./pause-scope.ts");
  const resumed = await resumeProfiles(context, pausing(context, options));
  // What was asked for did not come: the profile is held by the pause of all.
  if (resumed.status === "still-paused") context.exitWith(1);
  if (options.json) return context.output.json(resumed);
  printResumed(context, resumed);
}

export async function refresh(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { refreshProfiles, refreshedInWords } = await import("./refresh-profiles.ts");
  const refreshed = await refreshProfiles(context, selected(context, options));
  if (refreshed.status === "not-running") context.exitWith(1);
  if (options.json) return context.output.json(refreshed);
  context.output.print(refreshedInWords(refreshed));
}

export async function singleTick(context: CliContext, options: RuntimeOptions): Promise<void> {
  if (options.dryRun) return sayWhatItWouldDo(context, options);
  const { runSingleTick } = await import("./run-daemon.ts");
  const reports = await runSingleTick(context, selected(context, options));
  if (options.json) return context.output.json(reports);
  for (const [id, report] of Object.entries(reports)) context.output.print(`${id}: ${JSON.stringify(report)}`);
}

async function sayWhatItWouldDo(context: CliContext, options: RuntimeOptions): Promise<void> {
  const { dryRun, printDryRun } = await import("./dry-run.ts");
  const found = await dryRun(context, selected(context, options));
  if (options.json) return context.output.json(found);
  printDryRun(context, found, options.explain ?? false);
}
