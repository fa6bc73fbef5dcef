import type { Forge } from "../forge.ts";
import { isAncestor, updateRef } from "../git/bare-repository.ts";
import { commitsBetween, diffStats } from "../git/reading.ts";
import { changeIssueState } from "../issue-changes.ts";
import type { User } from "../storage/accounts.ts";
import { recordEvent } from "../storage/events.ts";
import { recordPullCommits } from "../storage/pull-commits.ts";
import { movePull, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import { leaveQueue, waitingMergeOf } from "../storage/waiting-merges.ts";

/**
 * Makes a pull request follow its branch: a gone one closes it. The new head must be in `repository`, the base's one,
 * already. Call inside that repository's turn.
 */
export async function followHead(
  forge: Forge,
  repository: Repository,
  actor: User,
  pull: Pull,
  to: { after: string | null; baseSha: string | undefined },
): Promise<void> {
  if (to.after === null) {
    forge.db.atomically(() => {
      changeIssueState(forge, pull, actor, { state: "closed" });
      recordEvent(forge.db, pull.id, actor, "head_ref_deleted", forge.now());
    });
    return;
  }
  if (to.after === pull.head_sha) return;
  const headSha = to.after;
  const path = forge.gitPath(repository);
  const baseSha = to.baseSha ?? pull.base_sha;
  const stats = await diffStats(forge.git, path, baseSha, headSha);
  const rewritten = !(await isAncestor(forge.git, path, pull.head_sha, headSha));
  const commits = await commitsBetween(forge.git, path, baseSha, headSha);
  await updateRef(forge.git, path, `refs/pull/${pull.number}/head`, headSha, null);
  forge.db.atomically(() => {
    movePull(forge.db, pull, { headSha, baseRef: pull.base_ref, baseSha, stats }, forge.now());
    recordPullCommits(forge.db, pull.id, commits, forge.now());
    // Whatever was put into a queue was that commit.
    const waiting = waitingMergeOf(forge.db, pull.id);
    if (waiting?.way === "queue") leaveQueue(forge.db, waiting, actor, forge.now());
    if (rewritten) recordEvent(forge.db, pull.id, actor, "head_ref_force_pushed", forge.now(), { commitId: headSha });
  });
}
