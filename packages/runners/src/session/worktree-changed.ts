import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Instant } from "@agent-control-plane/core";

/**
 * Did anything below `root` change after `since`? Asked only before a session is called stalled, and bounded: a tree
 * too large to look through within `maxEntries` counts as unchanged.
 */
export function worktreeChangedSince(root: string, since: Instant, maxEntries = 20_000): boolean {
  const open = [root];
  let looked = 0;
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const name of namesIn(folder)) {
      if (name === ".git" || name === "node_modules") continue;
      looked += 1;
      if (looked > maxEntries) return false;
      const path = join(folder, name);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat && stat.mtimeMs > since) return true;
      if (stat?.isDirectory()) open.push(path);
    }
  }
  return false;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
