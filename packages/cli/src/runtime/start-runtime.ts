import { loadProfile, type RuntimeRow, UserError } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { startServices } from "../services/start-services.ts";
import { withStore } from "../store/with-store.ts";
import { liveDaemons } from "./daemons.ts";
import type { FirstTicks } from "./first-ticks.ts";
import { runtimeLog } from "./runtime-log.ts";
import { startInBackground } from "./start-in-background.ts";
import { stopDaemons } from "./stop-daemon.ts";

export interface Started {
  readonly status: "started" | "already-running";
  readonly pid: number;
  readonly profiles: readonly string[];
  readonly ticks: FirstTicks;
  /** The services that were started for it; empty: it runs by itself. */
  readonly services: readonly string[];
}

const readyWithinMs = 60_000;

/**
 * Starts the daemon for these profiles, unless each of them is served already. Safe to repeat. A forge that is
 * away is waited for by the daemon; one that refuses us needs a person, so when every forge does, nothing is left
 * running and a `UserError` says why. `isFollowing`: profiles that come later are served, too.
 */
export async function startRuntime(
  context: CliContext,
  profileIds: readonly string[],
  { isFollowing } = { isFollowing: false },
): Promise<Started> {
  for (const id of profileIds) loadProfile(context.home, id, context.env, backends);
  const running = await withStore(context.home, liveDaemons);
  const served = new Set(running.flatMap((row) => row.profileIds));
  const missing = profileIds.filter((id) => !served.has(id));
  const serving = running.find((row) => row.profileIds.some((id) => profileIds.includes(id)));
  if (serving && missing.length === 0)
    return { status: "already-running", pid: serving.process.pid, profiles: profileIds, ticks: {}, services: [] };
  const started = await startServices(context, missing);
  const services = started.services.map(({ name }) => name ?? "");
  if (started.left.length > 0) {
    const own = await startByItself(context, profileIds, { missing: started.left, isFollowing, serving });
    return { ...own, services };
  }
  const daemons = await untilServed(context, missing);
  const ticks = Object.fromEntries(missing.map((id) => [id, tickOf(daemons, id)]));
  return { status: "started", pid: daemons[0]?.process.pid ?? 0, profiles: profileIds, ticks, services };
}

/** A service of launchd does not say when it is ready; its daemon's row does. */
async function untilServed({ home, clock }: CliContext, profileIds: readonly string[]): Promise<readonly RuntimeRow[]> {
  return withStore(home, async (store) => {
    const deadline = clock.now() + readyWithinMs;
    for (;;) {
      const ready = (await liveDaemons(store)).filter(({ state }) => state === "ready");
      if (profileIds.every((id) => ready.some((row) => row.profileIds.includes(id)))) return ready;
      if (clock.now() >= deadline)
        throw new UserError(
          `The service was started, and serves not all of ${profileIds.join(", ")} after ${readyWithinMs / 1000} s. See ${runtimeLog(home)}.`,
          { exitCode: 1 },
        );
      await clock.sleep(100);
    }
  });
}

function tickOf(daemons: readonly RuntimeRow[], id: string): FirstTicks[string] {
  const row = daemons.find(({ profileIds }) => profileIds.includes(id));
  return ((row?.lastTick ?? {}) as FirstTicks)[id] ?? {};
}

/** In the background, with nobody who would start it again. */
async function startByItself(
  context: CliContext,
  profileIds: readonly string[],
  {
    missing,
    isFollowing,
    serving,
  }: {
    readonly missing: readonly string[];
    readonly isFollowing: boolean;
    readonly serving: RuntimeRow | undefined;
  },
): Promise<Omit<Started, "services">> {
  // Beside a daemon that serves some of them already, a single one is served by itself.
  const isAll = missing.length > 1 || (isFollowing && !serving);
  const flags = isAll ? ["--all"] : ["--profile-id", missing[0] ?? ""];
  const { pid, message } = await startInBackground(context, ["runtime", "run", ...flags], {
    what: "The runtime",
    logFile: runtimeLog(context.home),
    readyWithinMs,
  });
  const ticks = ticksOf(message);
  if (missing.every((id) => isRefused(ticks[id]))) {
    await stopDaemons(context, missing, { mode: "keep", waitMs: readyWithinMs, onProgress: () => {} });
    throw new UserError(notStarted(ticks), { exitCode: 1 });
  }
  return { status: "started", pid, profiles: profileIds, ticks };
}

export const isRefused = (found: FirstTicks[string] | undefined): boolean => found?.forge === "forge-refused";

const notStarted = (ticks: FirstTicks): string =>
  Object.entries(ticks)
    .map(([id, { forgeDetail }]) => `The runtime was not started: profile "${id}": ${forgeDetail}`)
    .join("\n");

function ticksOf(message: unknown): FirstTicks {
  if (message && typeof message === "object" && "ticks" in message) return message.ticks as FirstTicks;
  return {};
}
