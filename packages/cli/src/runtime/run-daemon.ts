import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import {
  Jobs,
  type Log,
  loadHostLimits,
  loadProfile,
  openStore,
  type Profile,
  Runtime,
  type StopMode,
  storePath,
  systemClock,
  tick,
  UserError,
} from "@agent-control-plane/core";
import { deliverAll } from "@agent-control-plane/reconcile";
import { processMark } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { createLog } from "../logging.ts";
import { packageVersion } from "../version.ts";
import type { FirstTicks } from "./first-ticks.ts";
import { type OpenProject, openProject } from "./open-project.ts";
import { runtimeLog } from "./runtime-log.ts";

/** Everything a daemon or a single tick works with; closed by the caller. */
export async function openRuntime(context: CliContext, profileIds: readonly string[], logFile: string | undefined) {
  const profiles = profileIds.map((id) => loadProfile(context.home, id, context.env));
  const runtimeId = `r-${hostname().split(".")[0]?.toLowerCase() ?? "host"}-${process.pid}-${randomBytes(3).toString("hex")}`;
  const log = createLog({ ...(logFile ? { file: logFile } : {}), fields: { runtime: runtimeId } });
  const store = await openStore({ path: storePath(context.home) });
  const jobs = new Jobs(log, systemClock);
  try {
    const open: OpenProject[] = [];
    for (const profile of profiles)
      open.push(
        await openProject(profile, {
          context,
          runtimeId,
          store,
          clock: systemClock,
          log,
          jobs,
          hostLimits: loadHostLimits(context.home),
        }),
      );
    return { runtimeId, log, store, jobs, open, deliver: () => deliverEverything(store, open, runtimeId, log) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function deliverEverything(
  store: Awaited<ReturnType<typeof openStore>>,
  open: readonly OpenProject[],
  owner: string,
  log: Log,
): Promise<void> {
  for (const { profile, deliverers, forge } of open) {
    await deliverAll({
      outbox: store.outbox,
      deliverers,
      owner,
      profileIds: [profile.id],
      clock: systemClock,
      claimMs: 120_000,
      // GitHub may still be at work on a request whose reply was lost; a forge on this machine is not.
      settleAfterMs: forge.isLoopback ? 500 : 10_000,
      log,
    });
  }
}

/**
 * The daemon, in this process, until a signal: TERM or INT drain and end the sessions, USR2 leaves them to the next
 * runtime (restart). `onReady` is told what the first tick of each profile found.
 */
export async function runDaemon(
  context: CliContext,
  profileIds: readonly string[],
  options: {
    readonly logFile?: string;
    readonly onReady: (ready: { readonly runtimeId: string; readonly ticks: FirstTicks }) => void;
    readonly signals: StopSignals;
  },
): Promise<void> {
  const { runtimeId, log, store, jobs, open, deliver } = await openRuntime(context, profileIds, options.logFile);
  const own = processMark(process.pid);
  if (!own)
    throw new UserError(
      "This system does not tell when a process was started, and leases rest on that. Linux needs /proc mounted.",
    );
  const shortest = (pick: (profile: Profile) => number) => Math.min(...open.map(({ profile }) => pick(profile)));
  const runtime = new Runtime({
    id: runtimeId,
    process: own,
    host: hostname(),
    version: packageVersion(),
    store,
    clock: systemClock,
    log,
    jobs,
    projects: open.map(({ project }) => project),
    deliver,
    attendMs: Math.min(
      1_000,
      shortest((profile) => profile.scheduler.intervalMs),
    ),
    drainMs: shortest((profile) => profile.scheduler.drainMs),
  });
  options.signals.onStop((mode) => {
    log.info("runtime stopping", { mode });
    runtime.stop(mode);
  });
  log.info("runtime starting", { profiles: profileIds, version: packageVersion() });
  try {
    await runtime.run((reports) => options.onReady({ runtimeId, ticks: Object.fromEntries(reports) }));
    log.info("runtime stopped");
  } finally {
    await store.close();
  }
}

/** Where the daemon's end is asked for: signals, in the program. */
export interface StopSignals {
  /** A second `end` ends the sessions at once. */
  onStop(stop: (mode: StopMode) => void): void;
}

/** One pass over each profile, waiting for what it starts on the host's side; sessions go on by themselves. */
export async function runSingleTick(context: CliContext, profileIds: readonly string[]) {
  const { log, store, jobs, open, deliver } = await openRuntime(context, profileIds, runtimeLog(context.home));
  try {
    const reports: Record<string, unknown> = {};
    for (const { project, profile } of open) reports[profile.id] = await tick(project, { draining: false });
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
