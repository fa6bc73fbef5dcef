import type { Forge } from "../forge.ts";
import { fetchCommit, updateRef } from "../git/bare-repository.ts";
import { commitsBetween, diffStats } from "../git/reading.ts";
import { readBody } from "../http/body.ts";
import { forbidden, type RepositoryAccess } from "../http/call.ts";
import { invalid } from "../http/refusal.ts";
import { recordedBranch } from "../storage/branches.ts";
import { insertIssue } from "../storage/issues.ts";
import { recordPullCommits } from "../storage/pull-commits.ts";
import { insertPull, listPulls } from "../storage/pulls.ts";
import { forksOf, permissionOf, type Repository, reaches, repositoryById } from "../storage/repositories.ts";

/** Opens a pull request from a request body and returns its number. Call inside the repository's turn. */
export async function openPull(forge: Forge, access: RepositoryAccess, body: unknown): Promise<number> {
  const { repository, viewer } = access;
  const wanted = readWanted(repository, body);
  const headRepository = headRepositoryOf(forge, repository, wanted.headOwner);
  if (!reaches(permissionOf(forge.db, headRepository, viewer.user), "write")) throw forbidden();
  const head = recordedBranch(forge.db, headRepository, wanted.head);
  const base = recordedBranch(forge.db, repository, wanted.base);
  if (!head) throw invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  if (!base) throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  refuseSecond(forge, repository, { ...wanted, headRepositoryId: headRepository.id });
  const path = forge.gitPath(repository);
  if (headRepository.id !== repository.id) await fetchCommit(forge.git, path, forge.gitPath(headRepository), head.sha);
  const stats = await diffStats(forge.git, path, base.sha, head.sha);
  if (stats.commits === 0) throw custom(`No commits between ${wanted.base} and ${wanted.head}`);
  const commits = await commitsBetween(forge.git, path, base.sha, head.sha);
  const number = forge.db.atomically(() => {
    const text = { title: wanted.title, body: wanted.body, author: viewer.user, isPull: true };
    const issue = insertIssue(forge.db, repository, text, forge.now());
    insertPull(forge.db, issue, {
      headRepositoryId: headRepository.id,
      headRef: wanted.head,
      headSha: head.sha,
      baseRef: wanted.base,
      baseSha: base.sha,
      isDraft: wanted.isDraft,
      stats,
    });
    recordPullCommits(forge.db, issue.id, commits, forge.now());
    return issue.number;
  });
  await updateRef(forge.git, path, `refs/pull/${number}/head`, head.sha, null);
  return number;
}

function readWanted(repository: Repository, body: unknown) {
  const fields = readBody(body, "PullRequest");
  const head = fields.requiredText("head");
  const colon = head.indexOf(":");
  return {
    title: fields.requiredText("title"),
    body: fields.text("body"),
    headOwner: colon < 0 ? repository.owner : head.slice(0, colon),
    head: head.slice(colon + 1),
    base: fields.requiredText("base"),
    isDraft: fields.flag("draft"),
  };
}

function headRepositoryOf(forge: Forge, base: Repository, owner: string): Repository {
  const same = (one: Repository) => one.owner.toLowerCase() === owner.toLowerCase();
  const network = [base, ...forksOf(forge.db, base), ...parentOf(forge, base)];
  const found = network.find(same);
  if (!found) throw invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  return found;
}

function parentOf(forge: Forge, fork: Repository): Repository[] {
  const parent = fork.parent_id === null ? null : repositoryById(forge.db, fork.parent_id);
  return parent?.is_deleted === 0 ? [parent] : [];
}

/** At most one open pull request a head and base. */
export function refuseSecond(
  forge: Forge,
  repository: Repository,
  wanted: { headRepositoryId: number | null; head: string; base: string },
): void {
  const open = listPulls(forge.db, repository, {
    state: "open",
    headOwner: null,
    headRef: wanted.head,
    baseRef: wanted.base,
    sort: "created",
    direction: "asc",
  }).filter((pull) => pull.head_repository_id === wanted.headRepositoryId);
  if (open.length === 0 || wanted.headRepositoryId === null) return;
  const { owner } = repositoryById(forge.db, wanted.headRepositoryId);
  throw custom(`A pull request already exists for ${owner}:${wanted.head}.`);
}

function custom(message: string) {
  return invalid({ resource: "PullRequest", code: "custom", message });
}
