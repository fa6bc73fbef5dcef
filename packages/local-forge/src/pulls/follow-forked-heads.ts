import type { Forge } from "../forge.ts";
import { fetchCommit } from "../git/bare-repository.ts";
import type { User } from "../storage/accounts.ts";
import { recordedBranch } from "../storage/branches.ts";
import { findPull, type Pull, pullsElsewhere } from "../storage/pulls.ts";
import { type Repository, repositoryById } from "../storage/repositories.ts";
import { followHead } from "./follow-head.ts";

/**
 * Makes pull requests into other repositories follow their branches in this one. Compares what is with what is
 * recorded, so that it can be repeated after a crash. Call outside of any turn: it takes each base's.
 */
export async function followForkedHeads(forge: Forge, headRepository: Repository, actor: User): Promise<void> {
  for (const { number, repository_id } of pullsElsewhere(forge.db, headRepository)) {
    const base = repositoryById(forge.db, repository_id);
    await forge.exclusively(base, async () => {
      const pull = findPull(forge.db, base, number) as Pull;
      const after = recordedBranch(forge.db, headRepository, pull.head_ref)?.sha ?? null;
      if (pull.state === "closed" || after === pull.head_sha) return;
      if (after !== null) await fetchCommit(forge.git, forge.gitPath(base), forge.gitPath(headRepository), after);
      const baseSha = recordedBranch(forge.db, base, pull.base_ref)?.sha;
      await followHead(forge, base, actor, pull, { after, baseSha });
    });
  }
}
