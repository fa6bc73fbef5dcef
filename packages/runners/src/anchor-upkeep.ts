import { lstat } from "node:fs/promises";
import type { AnchorUpkeep, Log, Profile } from "@agent-control-plane/core";
import { listWorktrees, openAnchor, packAnchor, pruneRefs } from "./worktree/index.ts";

/** The upkeep of a profile's anchor; of one that was not made yet there is nothing to keep. */
export function createAnchorUpkeep({ runtime }: Profile, log: Log): AnchorUpkeep {
  const open = async () => {
    if ((await lstat(runtime.agentRepoRoot).catch(() => null)) === null) return null;
    return openAnchor({
      path: runtime.agentRepoRoot,
      tampered: (what) => log.warn("anchor repository was changed by somebody else and repaired", { what }),
    });
  };
  return {
    async prune(of) {
      const anchor = await open();
      if (anchor === null) return { removed: 0, left: 0, oldestAt: null };
      const worktrees = (await listWorktrees(runtime.worktreeRoot)).map(({ name }) => name);
      return pruneRefs(anchor, { ...of, worktrees });
    },
    async pack(now) {
      const anchor = await open();
      return anchor !== null && packAnchor(anchor, now);
    },
  };
}
