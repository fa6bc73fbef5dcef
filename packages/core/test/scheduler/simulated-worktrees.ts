import type { Worktrees } from "../../src/index.ts";
import { smallDelta } from "../support/guards.ts";
import type { SimulatedForge } from "./simulated-forge.ts";
import type { World } from "./simulated-world.ts";

/** Folders that are there or not, and what each agent's fate says it changed in its own. `refuse` throws while the forge does. */
export function simulatedWorktrees(
  { faults, folders, wrapped }: Pick<World, "faults" | "folders" | "wrapped">,
  forge: SimulatedForge,
  refuse: () => void,
): Worktrees {
  const evidence = (headSha: string, files: number) => ({
    headSha,
    commits: 1,
    hostCommit: false,
    files: Array.from({ length: files }, (_, n) => ({ path: `f${n}`, status: "M", additions: 1, deletions: 0 })),
    problems: [],
  });
  const make = async (sessionId: string) => {
    if (faults.create) throw new Error("disk full");
    folders.add(sessionId);
  };
  return {
    pathFor: (sessionId) => `/worktrees/${sessionId}`,
    onDisk: async () => [...folders],
    baseBranch: async () => {
      refuse();
      return "main";
    },
    fetchBase: async () => {
      refuse();
      if (faults.fetch) throw new Error("git does not fetch");
      return { sha: forge.branches.get("main") ?? "", branch: "main" };
    },
    fetchBranch: async (branch) => {
      refuse();
      if (faults.fetch) throw new Error("git does not fetch");
      const sha = forge.branches.get(branch);
      return sha === undefined ? null : { sha };
    },
    isAncestor: async () => true,
    conflicts: async () => [],
    changedLines: async () => null,
    create: ({ sessionId }) => make(sessionId),
    createCheckout: ({ sessionId }) => make(sessionId),
    collect: async ({ sessionId }) => {
      if (faults.collect) throw new Error("disk full");
      if (!folders.has(sessionId)) return null;
      const one = wrapped.get(sessionId);
      const files = one?.fate.files ?? 1;
      return evidence(files === 0 && one ? one.session.startSha : `head-of-${sessionId}`, files);
    },
    describe: async ({ headSha }) => evidence(headSha, 1),
    delta: async () => smallDelta,
    retire: async (sessionId) => {
      if (faults.retire) throw new Error("rescue is too large");
      folders.delete(sessionId);
      return { rescueRef: null };
    },
  };
}
