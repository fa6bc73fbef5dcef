import type { Forge } from "../forge.ts";
import type { Pull } from "../storage/pulls.ts";
import { type Repository, repositoryById } from "../storage/repositories.ts";

/** Where the branch of a pull request is; null when that was a fork that is gone. */
export function headRepositoryOfPull(forge: Forge, pull: Pull): Repository | null {
  return pull.head_repository_id === null ? null : repositoryById(forge.db, pull.head_repository_id);
}
