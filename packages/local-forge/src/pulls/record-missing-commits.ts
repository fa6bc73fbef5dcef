import type { Forge } from "../forge.ts";
import { commitsBetween } from "../git/reading.ts";
import { pullsWithoutCommits, recordPullCommits } from "../storage/pull-commits.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";

/** Gives open pull requests from before the timeline held commits their commits, placed where they were opened. */
export async function recordMissingCommits(forge: Forge, repository: Repository): Promise<void> {
  for (const number of pullsWithoutCommits(forge.db, repository.id)) {
    const pull = findPull(forge.db, repository, number) as Pull;
    const commits = await commitsBetween(forge.git, forge.gitPath(repository), pull.base_sha, pull.head_sha);
    forge.db.atomically(() => recordPullCommits(forge.db, pull.id, commits, pull.created_at));
  }
}
