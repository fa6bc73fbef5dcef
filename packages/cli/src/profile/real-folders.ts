import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Profile } from "@agent-control-plane/core";

/** The profile with its folders as they are on disk, so that two names of one folder are seen to be the same. */
export function withRealFolders(profile: Profile): Profile {
  const { agentRoot, worktreeRoot, agentRepoRoot, runsRoot } = profile.runtime;
  return {
    ...profile,
    repo: { ...profile.repo, root: profile.repo.root === null ? null : realPath(profile.repo.root) },
    runtime: {
      ...profile.runtime,
      agentRoot: realPath(agentRoot),
      worktreeRoot: realPath(worktreeRoot),
      agentRepoRoot: realPath(agentRepoRoot),
      runsRoot: realPath(runsRoot),
    },
  };
}

/** Without links, as far as the path exists. */
export function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realPath(above), path.slice(above.length));
}
