import { listProfileIds, loadProfile, readProfile, type StopMode, UserError } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { examples } from "../examples.ts";
import type { LogOptions } from "../log/show-log.ts";
import type { FirstTicks } from "../runtime/first-ticks.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { selectProfileId } from "../select-profile.ts";

interface Options {
  readonly profileId?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly keepSessions?: boolean;
  readonly check?: boolean;
  readonly dryRun?: boolean;
  readonly explain?: boolean;
  readonly logFile?: boolean;
  readonly disk?: boolean;
  readonly reason?: string;
  readonly isRestarting?: boolean;
}

export function registerRuntime(program: Command, context: CliContext): void {
  const runtime = program.command("runtime").description("start, stop and look at the scheduler");
  runtime.addHelpText(
    "before",
    examples([
      "acp runtime start --profile-id web",
      "acp runtime status --all --json",
      "acp runtime stop --profile-id web",
    ]),
  );

  add(runtime, "run", "run the scheduler here, until a signal; services use this", [
    "acp runtime run --all",
    "acp runtime run --all --log-file",
  ])
    .option("--log-file", "write the log to logs/runtime.log, which is rotated, and not to the terminal")
    .action((options: Options) => run(context, options));
  add(runtime, "start", "start it in the background; returns when it is ready, or says why not", [
    "acp runtime start --profile-id web",
    "acp runtime start --all",
  ]).action((options: Options) => start(context, options));
  add(runtime, "stop", "let sessions end, then end them, and prove that nothing is left", [
    "acp runtime stop --profile-id web",
    "acp runtime stop --all --keep-sessions",
  ])
    .option("--keep-sessions", "leave live sessions to the next runtime")
    .action((options: Options) => stop(context, options));
  add(runtime, "restart", "stop and start; live sessions go on and are adopted", [
    "acp runtime restart --profile-id web",
  ]).action((options: Options) => restart(context, options));
  add(runtime, "status", "what runs and what waits, and why; never writes", [
    "acp runtime status",
    "acp runtime status --profile-id web --json",
    "acp runtime status --disk",
  ])
    .option("--check", "exit code 1 unless every profile is served by a live daemon")
    .option("--disk", "instead: what takes how much space, since when, and what bounds it")
    .action(async (options: Options) => {
      if (!options.disk) return status(context, options);
      return (await import("../retention/show-disk.ts")).showDisk(context, options);
    });
  runtime
    .command("logs")
    .description("what the daemons of this home did and met, as they wrote it down; the newest lines, in time's order")
    .option("-f, --follow", "go on with lines to come, until Ctrl-C")
    .option("--level <level>", "this one and worse: debug, info, warn or error", "info")
    .option("--since <when>", "not older than this: 30m, 2h, 3d, or a time")
    .option("--last <count>", "at most so many to begin with", "200")
    .option("--profile-id <id>", "only lines that name this profile")
    .option("--json", "the lines themselves, one JSON object each")
    .addHelpText(
      "before",
      examples(["acp runtime logs --follow", "acp runtime logs --level warn --since 2h", "acp runtime logs --json"]),
    )
    .action(async (options: LogOptions) => (await import("../log/show-log.ts")).showLog(context, options));
  add(runtime, "pause", "start nothing new until it is resumed; what runs goes on", [
    'acp runtime pause --profile-id web --reason "release week"',
    "acp runtime pause --all",
  ])
    .option("--reason <text>", "why, for whoever asks; on a repeat it replaces the reason")
    .action((options: Options) => pause(context, options));
  add(runtime, "resume", "take a pause off", [
    "acp runtime resume --profile-id web",
    "acp runtime resume --all",
  ]).action((options: Options) => resume(context, options));
  add(runtime, "tick", "one pass of the scheduler, here and now", [
    "acp runtime tick --profile-id web --json",
    "acp runtime tick --all --dry-run --explain",
  ])
    .option("--dry-run", "say what it would do, and do nothing")
    .addOption(new Option("--explain", "with --dry-run: of each item what would let it go").implies({ dryRun: true }))
    .action((options: Options) => singleTick(context, options));
}

/** The others only look at, or speak to, what one of these started. */
const startsOne: ReadonlySet<string> = new Set(["run", "start", "restart"]);

const add = (parent: Command, name: string, description: string, lines: readonly string[]): Command =>
  parent
    .command(name)
    .description(description)
    .addOption(new Option("--profile-id <id>", "which profile").conflicts("all"))
    .addOption(
      new Option("--all", startsOne.has(name) ? "every installed profile, in one process" : "every installed profile"),
    )
    .addOption(
      new Option("--json", "one JSON document on stdout").hideHelp(name === "run"), // which has none: it goes on
    )
    .addHelpText("before", examples(lines));

function selected(context: CliContext, { profileId, all }: Options): readonly string[] {
  if (all !== true) return [selectProfileId(context, profileId)];
  const ids = listProfileIds(context.home);
  if (ids.length > 0) return ids;
  throw new UserError(`No profile is installed under ${context.home}. Make one with "acp init --profile-id <id>".`, {
    exitCode: 66,
  });
}

async function run(context: CliContext, options: Options): Promise<void> {
  const { runDaemon } = await import("../runtime/run-daemon.ts");
  const { startedBy, withoutStarter } = await import("../runtime/started-by.ts");
  const { createNotices } = await import("../runtime/notify.ts");
  const ids = selected(context, options);
  const notices = createNotices(context);
  const isOurs = process.send !== undefined || startedBy(context.env) !== null || options.logFile === true;
  // What it starts is not the service, and says nothing in its name.
  const own = { ...context, env: withoutStarter(context.env) };
  const daemon = runDaemon(own, ids, {
    ...(isOurs ? { logFile: runtimeLog(context.home), printsToLog: true } : {}),
    isFollowing: options.all ?? false,
    onProgress: (state) => notices.progress(state),
    onReady: (ready) => {
      notices.ready(ready.ticks);
      if (process.send) process.send(ready);
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
      },
    },
  });
  await daemon.catch((error: unknown) => notices.failed(error));
  await daemon;
  if (!process.send) context.output.note("stopped");
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

async function start(context: CliContext, options: Options): Promise<void> {
  const { isRefused, startRuntime } = await import("../runtime/start-runtime.ts");
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

async function stop(context: CliContext, options: Options): Promise<void> {
  const { everythingAtWork, stopDaemons } = await import("../runtime/stop-daemon.ts");
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

async function restart(context: CliContext, options: Options): Promise<void> {
  // A profile that cannot be loaded is found before anything is stopped.
  for (const id of selected(context, options)) loadProfile(context.home, id, context.env, backends);
  // With --json the one document is the start's; what the stop says is progress.
  const stopping = options.json ? { ...context, output: { ...context.output, print: context.output.note } } : context;
  await stop(stopping, { ...options, keepSessions: true, json: false, isRestarting: true });
  await start(context, options);
}

async function status(context: CliContext, options: Options): Promise<void> {
  const { readStatus, printStatus } = await import("../runtime/status.ts");
  const ids =
    options.profileId !== undefined || context.env.ACP_PROJECT_ID
      ? [selectProfileId(context, options.profileId)]
      : listProfileIds(context.home);
  const found = await readStatus(context, ids);
  if (options.check && !found.profiles.every((profile) => profile.running)) context.exitWith(1);
  if (options.json) return context.output.json(found);
  printStatus(context, found);
}

async function pause(context: CliContext, options: Options): Promise<void> {
  const { pauseProfiles, printPaused } = await import("../runtime/pause-profiles.ts");
  const paused = await pauseProfiles(context, { ...pausing(context, options), reason: options.reason });
  if (options.json) return context.output.json(paused);
  printPaused(context, paused, options.reason !== undefined);
}

async function resume(context: CliContext, options: Options): Promise<void> {
  const { resumeProfiles, printResumed } = await import("../runtime/pause-profiles.ts");
  const resumed = await resumeProfiles(context, pausing(context, options));
  // What was asked for did not come: the profile is held by the pause of all.
  if (resumed.status === "still-paused") context.exitWith(1);
  if (options.json) return context.output.json(resumed);
  printResumed(context, resumed);
}

/** A broken profile can be paused, too, but one that is not installed is a slip of the pen. */
function pausing(
  context: CliContext,
  options: Options,
): { readonly scope: string; readonly profiles: readonly string[] } {
  const profiles = selected(context, options);
  if (options.all) return { scope: "*", profiles };
  const installed = listProfileIds(context.home);
  for (const id of profiles) if (!installed.includes(id)) readProfile(context.home, id, context.env, backends);
  return { scope: profiles[0] ?? "*", profiles };
}

async function singleTick(context: CliContext, options: Options): Promise<void> {
  if (options.dryRun) return sayWhatItWouldDo(context, options);
  const { runSingleTick } = await import("../runtime/run-daemon.ts");
  const reports = await runSingleTick(context, selected(context, options));
  if (options.json) return context.output.json(reports);
  for (const [id, report] of Object.entries(reports)) context.output.print(`${id}: ${JSON.stringify(report)}`);
}

async function sayWhatItWouldDo(context: CliContext, options: Options): Promise<void> {
  const { dryRun, printDryRun } = await import("../runtime/dry-run.ts");
  const found = await dryRun(context, selected(context, options));
  if (options.json) return context.output.json(found);
  printDryRun(context, found, options.explain ?? false);
}
