import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Instant, RunState } from "@agent-control-plane/core";
import { markName } from "./anchor.ts";
import { ownRefs } from "./own-refs.ts";

export interface SavedWork {
  readonly count: number;
  /** The one that was saved first. */
  readonly oldest: { readonly ref: string; readonly at: Instant } | null;
}

/** Whether a ref may hold the only copy of what a session did: rescued, or collected and never published. */
export const isSavedWork = (kind: string, state: RunState): boolean =>
  kind === "rescue" || (kind === "runs" && (state === "unpublished" || state === "unknown"));

/** What an anchor keeps for people. To look at: nothing is made, tidied or removed; null where there is no anchor. */
export async function savedWork(
  path: string,
  stateOf: (sessionId: string) => Promise<RunState>,
): Promise<SavedWork | null> {
  if (!(await lstat(join(path, markName)).catch(() => null))?.isFile()) return null;
  let count = 0;
  let oldest: SavedWork["oldest"] = null;
  for (const { kind, id, name, at } of await ownRefs({ path, tampered: () => {} })) {
    if (kind !== "rescue" && kind !== "runs") continue;
    if (!isSavedWork(kind, await stateOf(id))) continue;
    count += 1;
    oldest ??= { ref: name, at };
  }
  return { count, oldest };
}
