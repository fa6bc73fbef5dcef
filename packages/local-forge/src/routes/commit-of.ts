import type { Forge } from "../forge.ts";
import { resolveCommit } from "../git/bare-repository.ts";
import { Refusal } from "../http/refusal.ts";
import type { Repository } from "../storage/repositories.ts";

/** The commit a ref of a request names; refused with `status` when there is none. */
export async function commitOf(forge: Forge, repository: Repository, ref: string, status = 422): Promise<string> {
  const sha = await resolveCommit(forge.git, forge.gitPath(repository), ref);
  if (sha === null) throw new Refusal(status, status === 404 ? "Not Found" : `No commit found for SHA: ${ref}`);
  return sha;
}
