import { randomBytes } from "node:crypto";
import {
  type DocumentChange,
  type DocumentSource,
  type Frame,
  LiveState,
  type PlainDocuments,
} from "@agent-control-plane/dashboard/live";
import type { CliContext } from "../context.ts";
import { silentLog } from "../runtime/silent-log.ts";

export interface Following {
  frame(frame: Frame): void;
  /** Why the last look failed, and null when the next one did not. */
  problem(why: string | null): void;
}

/** Everything there is, and from then on each change. Throws what the first look throws. */
export type Follow = (
  on: Following,
) => Promise<{ readonly id: string; readonly documents: PlainDocuments; readonly stop: () => void }>;

/** `only`: of no other profile; what is of none is told in any case. */
export function homeFollower(
  { clock }: Pick<CliContext, "clock">,
  source: DocumentSource,
  only: string | null,
): Follow {
  const isWanted = (key: string) => only === null || key === `profile:${only}` || !key.startsWith("profile:");
  return async (on) => {
    const live = new LiveState({
      ...{ source: telling(source, on), clock, log: silentLog, epoch: randomBytes(6).toString("hex") },
    });
    const { state, stop } = await live.follow(null, ({ id, changes }) => {
      const wanted = changes.filter(({ key }: DocumentChange) => isWanted(key));
      if (wanted.length > 0) on.frame({ id, changes: wanted });
    });
    const documents = Object.fromEntries([...state.documents].filter(([key]) => isWanted(key)));
    return { id: state.id, documents, stop };
  };
}

/** The same source, whose failures and recoveries are told. */
function telling(source: DocumentSource, { problem }: Pick<Following, "problem">): DocumentSource {
  let last: string | null = null;
  const tell = (why: string | null) => {
    if (why !== last) problem(why);
    last = why;
  };
  return {
    async read(before) {
      try {
        const documents = await source.read(before);
        tell(null);
        return documents;
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
  };
}
