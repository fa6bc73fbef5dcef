import { closingKeywords } from "./closing-keywords.ts";
import type { Forge } from "./forge.ts";
import { isAncestor, listBranches, updateRef } from "./git/bare-repository.ts";
import { commitsBetween, diffStats } from "./git/reading.ts";
import { changeIssueState, closeIssues } from "./issue-changes.ts";
import type { User } from "./storage/accounts.ts";
import { type BranchChange, decideBranchChanges, recordBranchChange, recordedBranches } from "./storage/branches.ts";
import { recordEvent } from "./storage/events.ts";
import { recordPullCommits } from "./storage/pull-commits.ts";
import { listPulls, markPullMerged, movePull, type Pull } from "./storage/pulls.ts";
import { type Repository, touchRepository } from "./storage/repositories.ts";

/**
 * Makes the rows agree with what git has now: pull requests follow their head, close with their branch, and count as
 * merged when their head arrived in the base; commits on the default branch close issues. Called inside the
 * repository's turn after every ref change, and at start-up for what a crash left between git and the rows.
 */
export async function followGit(forge: Forge, repository: Repository, actor: User): Promise<readonly BranchChange[]> {
  const actual = await listBranches(forge.git, forge.gitPath(repository));
  const changes = decideBranchChanges(recordedBranches(forge.db, repository), actual);
  for (const change of changes) await followBranch(forge, repository, actor, change, actual);
  if (changes.length > 0) touchRepository(forge.db, repository, forge.now(), true);
  return changes;
}

async function followBranch(
  forge: Forge,
  repository: Repository,
  actor: User,
  change: BranchChange,
  actual: ReadonlyMap<string, string>,
): Promise<void> {
  const open = listPulls(forge.db, repository, {
    state: "open",
    headRef: null,
    baseRef: null,
    sort: "created",
    direction: "asc",
  });
  const heads = open.filter((pull) => pull.head_ref === change.name);
  const bases = open.filter((pull) => pull.base_ref === change.name);
  for (const pull of heads) await followHead(forge, repository, actor, pull, change, actual);
  if (change.after !== null) {
    for (const pull of bases) await noticeMerge(forge, repository, actor, pull, change.after);
    if (change.name === repository.default_branch) await closeByCommits(forge, repository, actor, change);
  } else {
    for (const pull of bases) forge.db.atomically(() => changeIssueState(forge, pull, actor, { state: "closed" }));
  }
  // Last, so that a crash before this line repeats the work above, which is harmless.
  recordBranchChange(forge.db, repository, change);
}

async function followHead(
  forge: Forge,
  repository: Repository,
  actor: User,
  pull: Pull,
  change: BranchChange,
  actual: ReadonlyMap<string, string>,
): Promise<void> {
  if (change.after === null) {
    forge.db.atomically(() => {
      changeIssueState(forge, pull, actor, { state: "closed" });
      recordEvent(forge.db, pull.id, actor, "head_ref_deleted", forge.now());
    });
    return;
  }
  if (change.after === pull.head_sha) return;
  const path = forge.gitPath(repository);
  const baseSha = actual.get(pull.base_ref) ?? pull.base_sha;
  const stats = await diffStats(forge.git, path, baseSha, change.after);
  const rewritten = !(await isAncestor(forge.git, path, pull.head_sha, change.after));
  const commits = await commitsBetween(forge.git, path, baseSha, change.after);
  await updateRef(forge.git, path, `refs/pull/${pull.number}/head`, change.after, null);
  const headSha = change.after;
  forge.db.atomically(() => {
    movePull(forge.db, pull, { headSha, baseRef: pull.base_ref, baseSha, stats }, forge.now());
    recordPullCommits(forge.db, pull.id, commits, forge.now());
    if (rewritten) recordEvent(forge.db, pull.id, actor, "head_ref_force_pushed", forge.now(), { commitId: headSha });
  });
}

/** Someone merged by pushing to the base: the head is now part of it. */
async function noticeMerge(
  forge: Forge,
  repository: Repository,
  actor: User,
  pull: Pull,
  baseTip: string,
): Promise<void> {
  const path = forge.gitPath(repository);
  // `merge_sha` is written before a merge moves the base: squashed and rebased work is recognised by it after a crash.
  const arrived =
    (await isAncestor(forge.git, path, pull.head_sha, baseTip)) ||
    (pull.merge_sha !== null && (await isAncestor(forge.git, path, pull.merge_sha, baseTip)));
  if (!arrived) return;
  forge.db.atomically(() => recordMerge(forge, repository, pull, actor, baseTip));
}

/** The rows of a merge, however it came about. Call inside a transaction. */
export function recordMerge(forge: Forge, repository: Repository, pull: Pull, actor: User, mergeSha: string): void {
  const now = forge.now();
  markPullMerged(forge.db, pull, mergeSha, actor, now);
  recordEvent(forge.db, pull.id, actor, "merged", now, { commitId: mergeSha });
  changeIssueState(forge, pull, actor, { state: "closed", commitId: mergeSha });
  if (pull.base_ref !== repository.default_branch) return;
  closeIssues(forge, repository, closingKeywords(pull.body ?? "", repository), actor, mergeSha);
}

async function closeByCommits(forge: Forge, repository: Repository, actor: User, change: BranchChange): Promise<void> {
  if (change.before === null || change.after === null) return;
  const path = forge.gitPath(repository);
  if (!(await isAncestor(forge.git, path, change.before, change.after))) return;
  const commits = await commitsBetween(forge.git, path, change.before, change.after);
  for (const commit of commits) {
    const numbers = closingKeywords(commit.message, repository);
    forge.db.atomically(() => closeIssues(forge, repository, numbers, actor, commit.sha));
  }
}
