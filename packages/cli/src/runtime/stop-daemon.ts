import {
  listProfileIds,
  type ProcessMark,
  type RuntimeRow,
  type Session,
  type StopMode,
  type Store,
} from "@agent-control-plane/core";
import { findMarked, isAlive, readWrapperMark, reapSession, stopSession } from "@agent-control-plane/runners";
import { signalProcess } from "@agent-control-plane/runners/process-mark";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { servicesToStop } from "../services/stop-services.ts";
import { withStore, withStoreToRead } from "../store/with-store.ts";
import { profilesOfOlderStore, stopOlderDaemons } from "../versions/upgrade-guard.ts";
import { liveDaemons } from "./daemons.ts";

export interface Stopped {
  readonly daemons: readonly { readonly pid: number; readonly ended: boolean }[];
  /** Sessions whose processes were still there and were ended by us. */
  readonly reaped: readonly string[];
  /** Processes that are still there although everything was done: must be 0. */
  readonly survivors: number;
  readonly sessionsKept: number;
  /** The services that were told to stop first, and start nothing again before the next login, or until told to. */
  readonly services: readonly string[];
}

/**
 * Asks the daemons that serve these profiles to stop and waits until they are gone. With `end`, proves that no process
 * of any of their sessions is left, also when a daemon had been killed before and left live sessions behind.
 */
export async function stopDaemons(
  context: CliContext,
  profileIds: readonly string[],
  options: {
    readonly mode: StopMode;
    readonly waitMs: number;
    readonly onProgress: (text: string) => void;
    /** Also daemons that wait for a first profile, as they are when the last one was removed. */
    readonly isAll?: boolean;
  },
): Promise<Stopped> {
  const isMeant = (row: { readonly profileIds: readonly string[] }) =>
    (options.isAll ?? false) || row.profileIds.some((id) => profileIds.includes(id));
  const older = await stopOlderDaemons(context, isMeant, options);
  return withStore(context.home, async (store) => {
    const serving = (await liveDaemons(store)).filter(isMeant);
    const behind = await servicesToStop(context, profileIds);
    // A service first, or it would start another one; it tells its daemon to end, and a second TERM would hurry it.
    const stopping = options.mode === "end" ? behind.stop() : null;
    const ofServices = new Set(stopping === null ? [] : behind.services.map(({ pid }) => pid));
    const own = serving.filter((row) => !ofServices.has(row.process.pid));
    for (const row of own) signalProcess(row.process, options.mode === "end" ? "SIGTERM" : "SIGUSR2");
    void stopping?.then((unmoved) => {
      const pids = new Set(unmoved.map(({ pid }) => pid));
      for (const row of serving) if (pids.has(row.process.pid)) signalProcess(row.process, "SIGTERM");
    });
    const ended = await waitUntilGone(context, store, serving, profileIds, options);
    const daemons = [...older, ...serving.map((row) => ({ pid: row.process.pid, ended: ended.has(row.id) }))];
    const services = behind.services.map(({ name }) => name ?? "");
    if (options.mode === "keep") {
      // A daemon that was left by USR2 ended well, so its service starts none; one that just died would be started again.
      await behind.stop();
      return { daemons, services, reaped: [], survivors: 0, sessionsKept: await openSessions(store, profileIds) };
    }
    await stopping;
    return { daemons, services, sessionsKept: 0, ...(await endLeftovers(context, store, profileIds, options)) };
  });
}

/**
 * What `--all` means to a stop: the installed profiles, and those that were removed but have a daemon or sessions at
 * work. Null: nothing is installed and nothing runs.
 */
export async function everythingAtWork(context: CliContext): Promise<readonly string[] | null> {
  const installed = listProfileIds(context.home);
  const older = profilesOfOlderStore(context.home);
  if (older !== null) return atWorkOr([...installed, ...older]);
  return withStoreToRead(context.home, installed.length > 0 ? installed : null, async (store) => {
    const daemons = await liveDaemons(store);
    const open = await store.sessions.list({ states: ["intended", "running"] });
    const atWork = [...daemons.flatMap((row) => row.profileIds), ...open.map((session) => session.profileId)];
    const ids = [...new Set([...installed, ...atWork])].sort();
    return ids.length > 0 || daemons.length > 0 ? ids : null;
  });
}

const atWorkOr = (ids: readonly string[]): readonly string[] | null =>
  ids.length > 0 ? [...new Set(ids)].sort() : null;

async function waitUntilGone(
  context: CliContext,
  store: Store,
  rows: readonly RuntimeRow[],
  profileIds: readonly string[],
  { waitMs, onProgress }: { readonly waitMs: number; readonly onProgress: (text: string) => void },
): Promise<ReadonlySet<string>> {
  const deadline = context.clock.now() + waitMs;
  let said = context.clock.now();
  for (;;) {
    const left = rows.filter((row) => isAlive(row.process));
    if (left.length === 0 || context.clock.now() >= deadline) {
      return new Set(rows.filter((row) => !left.includes(row)).map((row) => row.id));
    }
    if (context.clock.now() - said >= 1_000) {
      said = context.clock.now();
      const sessions = counted(await openSessions(store, profileIds), "session");
      onProgress(`waiting for ${counted(left.length, "daemon")} and ${sessions} to end`);
    }
    await context.clock.sleep(50);
  }
}

const openSessions = async (store: Store, profileIds: readonly string[]): Promise<number> =>
  (
    await Promise.all(
      profileIds.map((profileId) => store.sessions.list({ profileId, states: ["intended", "running"] })),
    )
  ).flat().length;

/**
 * A daemon that was killed left its wrappers alive. They are asked first: a session that ends on request costs no try
 * and keeps its usage. What does not go is ended.
 */
async function endLeftovers(
  { clock }: CliContext,
  store: Store,
  profileIds: readonly string[],
  { waitMs, onProgress }: { readonly waitMs: number; readonly onProgress: (text: string) => void },
) {
  const states = ["intended", "running", "ended"] as const;
  const open = await Promise.all(profileIds.map((profileId) => store.sessions.list({ profileId, states })));
  const left = open.flat().filter((session) => aliveWrapper(session) || findMarked(session.id).length > 0);
  const wrappers = left.map(aliveWrapper).filter((wrapper) => wrapper !== null);
  for (const wrapper of wrappers) stopSession(wrapper);
  if (wrappers.length > 0) onProgress(`asked ${counted(wrappers.length, "session")} of a daemon that is gone to end`);
  const deadline = clock.now() + waitMs;
  while (wrappers.some(isAlive) && clock.now() < deadline) await clock.sleep(50);
  let survivors = 0;
  for (const session of left) {
    const ended = await reapSession({ sessionId: session.id, runDir: session.runDir, killWrapper: true });
    if (ended.kind === "reaped") survivors += ended.survivors;
  }
  return { reaped: left.map((session) => session.id), survivors };
}

function aliveWrapper({ wrapper, runDir }: Session): ProcessMark | null {
  const mark = wrapper ?? readWrapperMark(runDir);
  return mark && isAlive(mark) ? mark : null;
}
