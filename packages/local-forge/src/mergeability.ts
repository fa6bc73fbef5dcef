import type { Forge } from "./forge.ts";
import { mergedTree } from "./git/merging.ts";
import type { Pull } from "./storage/pulls.ts";
import type { Repository } from "./storage/repositories.ts";

export interface Mergeability {
  /** Null the first time a pair of head and base is looked at: GitHub works it out in the background too. */
  look(repository: Repository, pull: Pull, baseTip: string | null): Promise<boolean | null>;
}

export function createMergeability(forge: Forge): Mergeability {
  const known = new Map<string, Promise<boolean>>();
  /** Of pull requests with the same commits there is one answer. */
  const clean = new Map<string, Promise<boolean>>();
  return {
    look: async (repository, pull, baseTip) => {
      if (pull.state === "closed" || baseTip === null) return null;
      const key = `${repository.id}/${pull.number} ${baseTip} ${pull.head_sha}`;
      const answer = known.get(key);
      if (answer) return answer;
      if (known.size > 1000) known.clear();
      const commits = `${repository.id} ${baseTip} ${pull.head_sha}`;
      if (clean.size > 1000) clean.clear();
      const working =
        clean.get(commits) ??
        mergedTree(forge.git, forge.gitPath(repository), baseTip, pull.head_sha).then((tree) => tree !== null);
      known.set(key, working);
      clean.set(commits, working);
      working.catch((error) => {
        known.delete(key);
        clean.delete(commits);
        forge.log(`mergeability of pull request ${pull.number}: ${error.message}`);
      });
      return null;
    },
  };
}
