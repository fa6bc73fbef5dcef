import { rm } from "node:fs/promises";
import type { Forge } from "./forge.ts";
import { markRepositoryDeleted, type Repository } from "./storage/repositories.ts";

/** The rows first: a crash in between then leaves a folder nobody reaches, and never a repository without one. */
export async function deleteRepository(forge: Forge, repository: Repository): Promise<void> {
  await forge.exclusively(repository, async () => {
    forge.db.atomically(() => markRepositoryDeleted(forge.db, repository));
    await rm(forge.gitPath(repository), { recursive: true, force: true });
  });
}
