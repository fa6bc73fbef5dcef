import { closingKeywords } from "./closing-keywords.ts";
import type { Forge } from "./forge.ts";
import { isAncestor, listBranches } from "./git/bare-repository.ts";
import { commitsBetween } from "./git/reading.ts";
import { changeIssueState, closeIssues } from "./issue-changes.ts";
import { followHead } from "./pulls/follow-head.ts";
import type { User } from "./storage/accounts.ts";
import { type BranchChange, decideBranchChanges, recordBranchChange, recordedBranches } from "./storage/branches.ts";
import { recordEvent } from "./storage/events.ts";
import { markPullMerged, type Pull, pullsOfBranch } from "./storage/pulls.ts";
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
  const { heads, bases } = pullsOfBranch(forge.db, repository, change.name);
  for (const pull of heads) {
    await followHead(forge, repository, actor, pull, { after: change.after, baseSha: actual.get(pull.base_ref) });
  }
  if (change.after !== null) {
    for (const pull of bases) await noticeMerge(forge, repository, actor, pull, change.after);
    if (change.name === repository.default_branch) await closeByCommits(forge, repository, actor, change);
  } else {
    for (const pull of bases) forge.db.atomically(() => changeIssueState(forge, pull, actor, { state: "closed" }));
  }
  // Last, so that a crash before this line repeats the work above, which is harmless.
  recordBranchChange(forge.db, repository, change);
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
