import { type Dirent, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Instant, Store } from "@agent-control-plane/core";

/** A folder is made before its flow is stored; nobody takes that long. */
const youngMs = 86_400_000;

/**
 * Folders of flows that the store does not know any more: they go a day after they were last changed. Answers how many go.
 * What has no name of a flow is not ours.
 */
export async function pruneFlowFolders(
  home: string,
  store: Pick<Store, "flows">,
  { now, isDry = false }: { readonly now: Instant; readonly isDry?: boolean },
): Promise<number> {
  let gone = 0;
  for (const entry of entriesOf(join(home, "flows"))) {
    if (!entry.isDirectory() || !/^f[0-9a-z]{6,}$/.test(entry.name)) continue;
    const path = join(home, "flows", entry.name);
    const changedAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - changedAt < youngMs || (await store.flows.get(entry.name)) !== null) continue;
    if (!isDry) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    gone += 1;
  }
  return gone;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
