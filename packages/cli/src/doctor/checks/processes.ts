import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Session, Store } from "@agent-control-plane/core";
import { environmentsWith, isAlive, readWrapperMark, sessionMarkName } from "@agent-control-plane/runners";
import { openStoreToRead } from "../../store/with-store.ts";
import { type Finding, ok, problem } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

/** Processes that carry the mark of one session of this runtime home. */
export interface ProcessFacts {
  readonly sessionId: string;
  readonly profileId: string | null;
  readonly pids: readonly number[];
  /** `unknown`: there is a run folder and no row. */
  readonly state: Session["state"] | "unknown";
  readonly isWrapperAlive: boolean;
}

export const processesCheck: Check = {
  name: "processes",
  limitMs: 10_000,
  look: async (scope) => judgeProcesses(await readProcesses(scope)),
};

/** A session's wrapper ends everything of it; with the wrapper gone nobody does before a daemon comes by. */
export function judgeProcesses(facts: readonly ProcessFacts[]): readonly Finding[] {
  const orphans = facts.filter(({ isWrapperAlive }) => !isWrapperAlive);
  if (orphans.length > 0) return orphans.map(orphan);
  return [
    ok(
      "processes",
      "sessions",
      facts.length === 0
        ? "no process of a session is left behind"
        : `${facts.length} session(s) at work, each under its wrapper`,
    ),
  ];
}

const orphan = ({ sessionId, profileId, pids, state }: ProcessFacts): Finding =>
  problem("orphan-process", {
    ...{ subject: sessionId, profileId },
    found: `${pids.length} process(es) of session ${sessionId} (${state}) go on without its wrapper: pid ${pids.slice(0, 8).join(", ")}`,
    fix: "end them; what the session left in its worktree stays.",
    command: "acp doctor --fix",
    safe: true,
  });

async function readProcesses({ context, profiles }: Scope): Promise<readonly ProcessFacts[]> {
  const marked = environmentsWith(sessionMarkName);
  if (marked.size === 0) return [];
  const store = await openStoreToRead(context.home, { isOneLook: true }).catch(() => null);
  try {
    const found = await Promise.all(
      [...marked].map(([id, pids]) =>
        readSession(
          store,
          profiles.map(({ id, runtime }) => ({ id, runsRoot: runtime.runsRoot })),
          id,
          pids,
        ),
      ),
    );
    return found.filter((one) => one !== null);
  } finally {
    await store?.close();
  }
}

/** Null: of another runtime home, and none of our business. */
async function readSession(
  store: Store | null,
  roots: readonly { readonly id: string; readonly runsRoot: string }[],
  sessionId: string,
  pids: readonly number[],
): Promise<ProcessFacts | null> {
  if (!/^[a-z0-9-]{1,80}$/.test(sessionId)) return null;
  const session = await store?.sessions.get(sessionId);
  const root = roots.find(({ runsRoot }) => existsSync(join(runsRoot, sessionId)));
  if (!session && !root) return null;
  const mark = session?.wrapper ?? readWrapperMark(session?.runDir ?? join(root?.runsRoot ?? "", sessionId));
  const others = pids.filter((pid) => pid !== process.pid);
  if (others.length === 0) return null;
  return {
    ...{ sessionId, pids: others, profileId: session?.profileId ?? root?.id ?? null },
    state: session?.state ?? "unknown",
    isWrapperAlive: mark !== null && isAlive(mark),
  };
}
