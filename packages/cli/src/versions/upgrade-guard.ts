import { hostname } from "node:os";
import {
  type Clock,
  type Millis,
  type NotedRuntime,
  runtimesOfOlderStore,
  type StopMode,
  schemaOfStore,
  storePath,
  storeSchema,
  UserError,
} from "@agent-control-plane/core";
import { isAlive } from "@agent-control-plane/runners/process-mark";
import { packageVersion } from "../version.ts";

/**
 * A store is upgraded by opening it, and a daemon of the version before would then start sessions that cannot open it any
 * more. So nothing upgrades it under a live daemon: throws `UserError`, which names the daemon and the way on.
 */
export function refuseToUpgradeUnderDaemon(home: string): void {
  const [daemon] = liveOlderDaemons(home);
  if (!daemon) return;
  throw new UserError(
    `A daemon of version ${daemon.version} (pid ${daemon.process.pid}) works with this store, and this program ` +
      `(version ${packageVersion()}) would upgrade it. Nothing was changed. "acp runtime restart --all" stops the daemon, ` +
      "upgrades the store and goes on; sessions that run are adopted.",
    { exitCode: 1 },
  );
}

/** For commands that only look: an upgrade is a person's or a daemon's act. */
export function refuseToUpgrade(home: string): void {
  const schema = schemaOfStore(storePath(home));
  if (!isOlder(schema)) return;
  throw new UserError(
    `The store has schema version ${schema}; this program works with ${storeSchema}. Nothing was written to it. ` +
      '"acp runtime restart --all" upgrades it, and keeps a copy of it as it is.',
    { exitCode: 1 },
  );
}

/** Ends the daemons of the version before, so that the store can be upgraded. Answers those it was about. */
export async function stopOlderDaemons(
  { home, clock }: { readonly home: string; readonly clock: Clock },
  isMeant: (daemon: NotedRuntime) => boolean,
  { mode, waitMs }: { readonly mode: StopMode; readonly waitMs: Millis },
): Promise<readonly { readonly pid: number; readonly ended: boolean }[]> {
  const daemons = liveOlderDaemons(home).filter(isMeant);
  for (const { process: mark } of daemons) process.kill(mark.pid, mode === "end" ? "SIGTERM" : "SIGUSR2");
  const deadline = clock.now() + waitMs;
  while (daemons.some((daemon) => isAlive(daemon.process)) && clock.now() < deadline) await clock.sleep(50);
  return daemons.map(({ process: mark }) => ({ pid: mark.pid, ended: !isAlive(mark) }));
}

/** Of the daemons that are at work with a store of an older schema; null: the store is none. */
export const profilesOfOlderStore = (home: string): readonly string[] | null =>
  isOlder(schemaOfStore(storePath(home))) ? liveOlderDaemons(home).flatMap(({ profileIds }) => profileIds) : null;

const isOlder = (schema: number | null): boolean => schema !== null && schema > 0 && schema < storeSchema;

const liveOlderDaemons = (home: string): readonly NotedRuntime[] =>
  runtimesOfOlderStore(storePath(home)).filter(({ host, process: mark }) => host === hostname() && isAlive(mark));
