import type { Profile } from "@agent-control-plane/core";

/**
 * Pure. What changed that a running daemon cannot take over, one line each: another repository is other work under the
 * same name, and sessions under way have their worktrees in the folders of before.
 */
export function fixedChanges(before: Profile, after: Profile): readonly string[] {
  return fixed.flatMap(([key, valueIn]) => {
    const [was, is] = [valueIn(before), valueIn(after)];
    return was === is ? [] : [`${after.file} ${key}: was ${JSON.stringify(was)} and is now ${JSON.stringify(is)}.`];
  });
}

const fixed: readonly (readonly [key: string, valueIn: (profile: Profile) => string | null])[] = [
  ["repo.slug", ({ repo }) => repo.slug],
  ["forge.provider", ({ forge }) => forge.provider],
  ["forge.api_url", ({ forge }) => forge.apiUrl],
  ["forge.git_url", ({ forge }) => forge.gitUrl],
  ["runtime.worktree_root", ({ runtime }) => runtime.worktreeRoot],
  ["runtime.agent_repo_root", ({ runtime }) => runtime.agentRepoRoot],
  ["runtime.runs_root", ({ runtime }) => runtime.runsRoot],
];
