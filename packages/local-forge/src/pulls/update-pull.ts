import type { Forge } from "../forge.ts";
import { commitsBetween, diffStats } from "../git/reading.ts";
import { readBody } from "../http/body.ts";
import { forbidden, type RepositoryAccess } from "../http/call.ts";
import { invalid } from "../http/refusal.ts";
import { changeIssueState } from "../issue-changes.ts";
import { recordBodyEdit } from "../storage/body-edits.ts";
import { recordedBranch } from "../storage/branches.ts";
import { recordEvent } from "../storage/events.ts";
import { updateIssueText } from "../storage/issues.ts";
import { recordPullCommits } from "../storage/pull-commits.ts";
import { findPull, movePull, type Pull } from "../storage/pulls.ts";
import { reaches } from "../storage/repositories.ts";
import { headRepositoryOfPull } from "./head-repository.ts";
import { refuseSecond } from "./open-pull.ts";

/** Applies a PATCH body to the pull request. Call inside the repository's turn. */
export async function updatePull(forge: Forge, access: RepositoryAccess, number: number, body: unknown): Promise<void> {
  const { repository, viewer, permission } = access;
  const pull = findPull(forge.db, repository, number) as Pull;
  if (pull.author_id !== viewer.user.id && !reaches(permission, "write")) throw forbidden();
  const fields = readBody(body, "PullRequest");
  const title = fields.has("title") ? fields.requiredText("title") : pull.title;
  const text = fields.has("body") ? fields.text("body") : pull.body;
  const state = fields.oneOf("state", ["open", "closed"]);
  const base = fields.text("base") ?? pull.base_ref;
  if (state === "open" && pull.state === "closed") refuseReopening(forge, access, pull);
  const moved = base === pull.base_ref ? null : await newBase(forge, access, pull, base);
  forge.db.atomically(() => {
    if (title !== pull.title) {
      const rename = { from: pull.title, to: title };
      recordEvent(forge.db, pull.id, viewer.user, "renamed", forge.now(), { rename });
    }
    if (title !== pull.title || text !== pull.body) updateIssueText(forge.db, pull, { title, body: text }, forge.now());
    if (text !== pull.body) recordBodyEdit(forge.db, "issue", pull.id, viewer.user, forge.now());
    if (moved) {
      movePull(forge.db, pull, moved, forge.now());
      recordPullCommits(forge.db, pull.id, moved.commits, forge.now());
      recordEvent(forge.db, pull.id, viewer.user, "base_ref_changed", forge.now());
    }
    if (state !== null) changeIssueState(forge, pull, viewer.user, { state });
  });
}

function refuseReopening(forge: Forge, { repository }: RepositoryAccess, pull: Pull): void {
  const refuse = (message: string) => invalid({ resource: "PullRequest", field: "state", code: "invalid", message });
  if (pull.merged_at !== null) throw refuse("state cannot be changed. The pull request cannot be reopened.");
  const headRepository = headRepositoryOfPull(forge, pull);
  if (!headRepository || !recordedBranch(forge.db, headRepository, pull.head_ref)) {
    throw refuse(`state cannot be changed. The ${pull.head_ref} branch has been deleted.`);
  }
  refuseSecond(forge, repository, {
    headRepositoryId: pull.head_repository_id,
    head: pull.head_ref,
    base: pull.base_ref,
  });
}

async function newBase(forge: Forge, { repository }: RepositoryAccess, pull: Pull, baseRef: string) {
  const base = recordedBranch(forge.db, repository, baseRef);
  if (!base || pull.state === "closed") throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  refuseSecond(forge, repository, {
    headRepositoryId: pull.head_repository_id,
    head: pull.head_ref,
    base: baseRef,
  });
  const path = forge.gitPath(repository);
  const stats = await diffStats(forge.git, path, base.sha, pull.head_sha);
  const commits = await commitsBetween(forge.git, path, base.sha, pull.head_sha);
  return { headSha: pull.head_sha, baseRef, baseSha: base.sha, stats, commits };
}
