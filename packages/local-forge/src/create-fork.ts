import { existsSync } from "node:fs";
import { followGit } from "./follow-git.ts";
import type { Forge } from "./forge.ts";
import { forkBareRepository } from "./git/bare-repository.ts";
import { refuseBadName } from "./repository-name.ts";
import type { User } from "./storage/accounts.ts";
import { findRepository, insertRepository, type Repository } from "./storage/repositories.ts";

/** Makes a copy of all branches that belongs to `owner`. Throws when the name is not valid or taken. */
export async function createFork(forge: Forge, parent: Repository, owner: User, name: string): Promise<Repository> {
  refuseBadName(name);
  const path = forge.gitPath({ owner: owner.login, name });
  if (findRepository(forge.db, owner.login, name) || existsSync(path)) {
    throw new Error(`${owner.login}/${name} exists already: choose another name`);
  }
  await forkBareRepository(forge.git, forge.gitPath(parent), path, parent.default_branch);
  const wanted = { owner, name, defaultBranch: parent.default_branch, hasIssues: false, parentId: parent.id };
  const fork = insertRepository(forge.db, wanted, forge.now());
  await forge.exclusively(fork, () => followGit(forge, fork, owner));
  return fork;
}
