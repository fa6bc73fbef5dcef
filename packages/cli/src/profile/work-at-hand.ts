import { findMarked, isAlive, readWrapperMark } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { liveDaemons } from "../runtime/daemons.ts";
import { withStoreToRead } from "../store/with-store.ts";

/** What of a profile is under way, and what only the store knows of it. */
export interface AtWork {
  /** Process ids of runtimes that serve it. */
  readonly daemons: readonly number[];
  /** Other profiles that these serve. */
  readonly others: readonly string[];
  readonly isFollowing: boolean;
  /** Sessions with a process. */
  readonly sessions: number;
  /** Sessions that ended, and whose result nobody has looked at. */
  readonly unconcluded: readonly string[];
  /** Writes for the forge that were not sent. */
  readonly unsent: readonly { readonly id: number; readonly kind: string; readonly subject: string }[];
  /** Tasks that wait for a session. */
  readonly waiting: number;
}

const nothing: AtWork = {
  ...{ daemons: [], others: [], isFollowing: false, sessions: 0, unconcluded: [], unsent: [], waiting: 0 },
};

/** Reads only. */
export async function readAtWork({ home }: Pick<CliContext, "home">, profileId: string): Promise<AtWork> {
  return withStoreToRead(home, nothing, async (store) => {
    const serving = (await liveDaemons(store)).filter((row) => row.profileIds.includes(profileId));
    const open = await store.sessions.list({ profileId, states: ["intended", "running", "ended"], limit: 1000 });
    const live = open.filter(({ id, wrapper, runDir }) => {
      const mark = wrapper ?? readWrapperMark(runDir);
      return (mark !== null && isAlive(mark)) || findMarked(id).length > 0;
    });
    const rows = await store.outbox.list({ profileId, states: ["pending", "failed"], limit: 1000 });
    const tasks = await store.tasks.list({ queue: profileId, states: ["queued", "scheduled", "running"] });
    const others = [...new Set(serving.flatMap((row) => row.profileIds))].filter((id) => id !== profileId);
    return {
      daemons: serving.map((row) => row.process.pid),
      others,
      isFollowing: others.length > 0,
      sessions: live.length,
      unconcluded: open.filter((session) => !live.includes(session)).map(({ id }) => id),
      unsent: rows.map(({ id, kind, stream }) => ({ id, kind, subject: stream })),
      waiting: tasks.length,
    };
  });
}
