import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import {
  Jobs,
  type Log,
  loadHostLimits,
  loadProfile,
  type Millis,
  openStore,
  Runtime,
  type StopMode,
  storePath,
  systemClock,
  tick,
  UserError,
} from "@agent-control-plane/core";
import { deliverAll } from "@agent-control-plane/reconcile";
import { processMark } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { openFlowEngine } from "../flow/open-engine.ts";
import { printToLog } from "../log/output-files.ts";
import { createLog } from "../logging.ts";
import { Notifier } from "../notifications/notifier.ts";
import { pruneBackups } from "../retention/backups.ts";
import { boundsOf } from "../retention/bounds-of.ts";
import { packageVersion } from "../version.ts";
import { refuseToUpgradeUnderDaemon } from "../versions/upgrade-guard.ts";
import { AskedLooks } from "./asked-looks.ts";
import type { FirstTicks } from "./first-ticks.ts";
import { LiveProfiles } from "./live-profiles.ts";
import type { OpenProject } from "./open-project.ts";
import { runtimeLog } from "./runtime-log.ts";
import { allowancesOfGates } from "./told-allowances.ts";

/**
 * Everything a daemon or a single tick works with; closed by the caller. With `isFollowing`, profiles that are installed
 * later join and removed ones go.
 */
export async function openRuntime(
  context: CliContext,
  profileIds: readonly string[],
  logFile: string | undefined,
  { isFollowing } = { isFollowing: false },
) {
  refuseBroken(context, profileIds, isFollowing);
  const runtimeId = `r-${hostname().split(".")[0]?.toLowerCase() ?? "host"}-${process.pid}-${randomBytes(3).toString("hex")}`;
  let logLimits = () => loadHostLimits(context.home, backends).retention.logs;
  const log = createLog({
    ...(logFile ? { file: logFile } : {}),
    limits: () => logLimits(),
    fields: { runtime: runtimeId },
  });
  refuseToUpgradeUnderDaemon(context.home);
  pruneBackups(context.home, { now: systemClock.now(), limits: loadHostLimits(context.home, backends).retention });
  const store = await openStore({ path: storePath(context.home) });
  const jobs = new Jobs(log, systemClock);
  try {
    const around = { context, runtimeId, store, clock: systemClock, log, jobs };
    const live = await LiveProfiles.open(profileIds, around, { isFollowing });
    logLimits = () => live.hostLimits().retention.logs;
    return {
      runtimeId,
      log,
      store,
      jobs,
      live,
      deliver: () => deliverEverything(store, live.current(), runtimeId, log),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Before anything is made or opened: what cannot run leaves no trace. Throws `UserError`. */
function refuseBroken({ home, env }: CliContext, profileIds: readonly string[], isFollowing: boolean): void {
  loadHostLimits(home, backends);
  const failures = profileIds.flatMap((id): unknown[] => {
    try {
      loadProfile(home, id, env, backends);
      return [];
    } catch (error) {
      return [error];
    }
  });
  // One broken profile keeps none of the others from being worked.
  if (failures.length > 0 && (!isFollowing || failures.length === profileIds.length)) throw failures[0];
}

async function deliverEverything(
  store: Awaited<ReturnType<typeof openStore>>,
  open: readonly OpenProject[],
  owner: string,
  log: Log,
): Promise<void> {
  for (const project of open) {
    const { profile, deliverers, forge, gate } = project;
    if (!registered.has(project)) {
      const scope = `forge:${gate.credentialKey}`;
      await store.pace.register({ profileId: profile.id, scope, ...profile.forge.pace });
      registered.add(project);
    }
    await deliverAll({
      outbox: store.outbox,
      deliverers,
      owner,
      profileIds: [profile.id],
      clock: systemClock,
      claimMs: 120_000,
      // GitHub may still be at work on a request whose reply was lost; a forge on this machine is not.
      settleAfterMs: forge.isLoopback ? 500 : 10_000,
      writesPaused: gate.writesPaused,
      // What turned out not to be there is sent anew only after a tick could take it back.
      withdrawableMs: profile.scheduler.intervalMs + 1_000,
      log,
    });
  }
}

/** Once for each project as it was opened: an idle daemon leaves the disk alone. */
const registered = new WeakSet<OpenProject>();

/**
 * The daemon, in this process, until a signal: TERM or INT drain and end the sessions, USR2 leaves them to the next
 * runtime (restart). `onReady` is told what the first tick of each profile found.
 */
export async function runDaemon(
  context: CliContext,
  profileIds: readonly string[],
  options: {
    readonly logFile?: string;
    /** Once it is ready: nobody reads what it prints. */
    readonly printsToLog?: boolean;
    /** Profiles that are installed later are worked, too, and removed ones no more. */
    readonly isFollowing: boolean;
    readonly onReady: (ready: { readonly runtimeId: string; readonly ticks: FirstTicks }) => void;
    /** After each pass: the loop gets on. */
    readonly onProgress?: (state: RuntimeProgress) => void;
    readonly signals: StopSignals;
  },
): Promise<void> {
  const { runtimeId, log, store, jobs, live, deliver } = await openRuntime(
    context,
    profileIds,
    options.logFile,
    options,
  );
  const own = processMark(process.pid);
  if (!own)
    throw new UserError(
      "This system does not tell when a process was started, and leases rest on that. Linux needs /proc mounted.",
    );
  const looks = new AskedLooks(context.home, systemClock);
  const runtime = new Runtime({
    id: runtimeId,
    process: own,
    host: hostname(),
    version: packageVersion(),
    store,
    clock: systemClock,
    log,
    jobs,
    projects: () => live.current().map(({ project }) => project),
    refresh: () => live.refresh(),
    asked: (ids) => looks.take(ids),
    rulesProblems: () => live.problems(),
    facts: () => live.facts(),
    allowances: () => allowancesOfGates(live.current()).map((each) => ({ ...each })),
    bounds: () =>
      boundsOf({
        ...{ home: context.home, store, actor: runtimeId, log },
        profiles: live.current().map(({ profile }) => profile),
        limits: live.hostLimits().retention,
      }),
    deliver,
    onPass: () => options.onProgress?.({ profiles: live.current().length }),
    attendMs: 1_000,
    drainMs: () => shortestDrain(live.current()),
  });
  const flows = openFlowEngine({ home: context.home, env: context.env, store, clock: systemClock, log, runtimeId });
  const notifier = new Notifier({
    ...{ home: context.home, env: context.env, store, clock: systemClock, log, owner: runtimeId },
    told: () => ({ host: live.hostLimits().notifications, profiles: live.current().map(({ profile }) => profile) }),
  });
  let stopMode: StopMode = "end";
  options.signals.onStop((mode) => {
    log.info("runtime stopping", { mode });
    stopMode = mode;
    flows.drain();
    runtime.stop(mode);
  });
  log.info("runtime starting", { profiles: profileIds, version: packageVersion() });
  const workingFlows = flows.run();
  notifier.run();
  try {
    await runtime.run((reports) => {
      options.onReady({ runtimeId, ticks: Object.fromEntries(reports) });
      if (options.printsToLog) printToLog(log);
    });
    log.info("runtime stopped");
  } finally {
    await flows.stop(stopMode);
    await workingFlows;
    await notifier.stop();
    await store.close();
  }
}

/** What the daemon is at. */
export interface RuntimeProgress {
  readonly profiles: number;
}

/** Of no profile at all: nothing is waited for. */
const shortestDrain = (open: readonly OpenProject[]): Millis =>
  open.length === 0 ? 0 : Math.min(...open.map(({ profile }) => profile.scheduler.drainMs));

/** Where the daemon's end is asked for: signals, in the program. */
export interface StopSignals {
  /** A second `end` ends the sessions at once. */
  onStop(stop: (mode: StopMode) => void): void;
}

/** One pass over each profile, waiting for what it starts on the host's side; sessions go on by themselves. */
export async function runSingleTick(context: CliContext, profileIds: readonly string[]) {
  const { log, store, jobs, live, deliver } = await openRuntime(context, profileIds, runtimeLog(context.home));
  try {
    const reports: Record<string, unknown> = {};
    for (const { project, profile } of live.current()) reports[profile.id] = await tick(project, { draining: false });
    await jobs.settled();
    await deliver();
    return reports;
  } catch (error) {
    log.error("tick failed", { error });
    throw error;
  } finally {
    await store.close();
  }
}
