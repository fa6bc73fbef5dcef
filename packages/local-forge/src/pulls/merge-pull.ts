import { followGit, recordMerge } from "../follow-git.ts";
import type { Forge } from "../forge.ts";
import { updateRef } from "../git/bare-repository.ts";
import { type MergeMethod, makeMergeCommit } from "../git/merging.ts";
import { Refusal } from "../http/refusal.ts";
import type { User } from "../storage/accounts.ts";
import { recordedBranch } from "../storage/branches.ts";
import { findPull, intendMerge, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import { unmetRule } from "./decide-mergeable-state.ts";
import { headRepositoryOfPull } from "./head-repository.ts";
import { mergeFacts } from "./merge-facts.ts";

export interface WantedMerge {
  readonly number: number;
  readonly method: MergeMethod;
  /** The head the caller reviewed; the merge is refused with 409 when it is another one now. */
  readonly sha: string | null;
  readonly title: string | null;
  readonly message: string | null;
}

/** Merges and returns the new tip of the base. Call inside the repository's turn. */
export async function mergePull(forge: Forge, repository: Repository, by: User, wanted: WantedMerge): Promise<string> {
  const pull = findPull(forge.db, repository, wanted.number) as Pull;
  const base = recordedBranch(forge.db, repository, pull.base_ref);
  if (pull.state === "closed" || !base) throw new Refusal(405, "Pull Request is not mergeable");
  if (pull.is_draft === 1) throw new Refusal(405, "Pull Request is still a draft");
  if (wanted.sha !== null && wanted.sha !== pull.head_sha) {
    throw new Refusal(409, "Head branch was modified. Review and try the merge again.");
  }
  const unmet = unmetRule(await mergeFacts(forge, repository, pull));
  if (unmet) throw new Refusal(405, unmet.message);
  const path = forge.gitPath(repository);
  const merged = await makeMergeCommit(forge.git, path, {
    method: wanted.method,
    base: base.sha,
    head: pull.head_sha,
    message: mergeMessage(headRepositoryOfPull(forge, pull), pull, wanted),
    author: { name: by.login, email: `${by.id}+${by.login}@users.noreply.local-forge.invalid` },
  });
  if (merged === null) throw new Refusal(405, "Pull Request is not mergeable");
  intendMerge(forge.db, pull, merged);
  if (!(await updateRef(forge.git, path, `refs/heads/${pull.base_ref}`, merged, base.sha))) {
    throw new Refusal(405, "Base branch was modified. Review and try the merge again.");
  }
  forge.db.atomically(() => recordMerge(forge, repository, pull, by, merged));
  await followGit(forge, repository, by);
  return merged;
}

/** Pure: GitHub's default messages. */
function mergeMessage(
  headRepository: Pick<Repository, "owner"> | null,
  pull: Pick<Pull, "number" | "title" | "body" | "head_ref">,
  wanted: Pick<WantedMerge, "method" | "title" | "message">,
): string {
  const squash = wanted.method === "squash";
  const title =
    wanted.title ??
    (squash
      ? `${pull.title} (#${pull.number})`
      : `Merge pull request #${pull.number} from ${headRepository?.owner ?? "unknown"}/${pull.head_ref}`);
  const message = wanted.message ?? (squash ? (pull.body ?? "") : pull.title);
  return message === "" ? title : `${title}\n\n${message}`;
}
