import type { Forge } from "../forge.ts";
import { updateRef } from "../git/bare-repository.ts";
import { commitsBetween, diffStats } from "../git/reading.ts";
import { readBody } from "../http/body.ts";
import { invalid } from "../http/refusal.ts";
import type { User } from "../storage/accounts.ts";
import { recordedBranch } from "../storage/branches.ts";
import { insertIssue } from "../storage/issues.ts";
import { recordPullCommits } from "../storage/pull-commits.ts";
import { insertPull, listPulls } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";

/** Opens a pull request from a request body and returns its number. Call inside the repository's turn. */
export async function openPull(forge: Forge, repository: Repository, author: User, body: unknown): Promise<number> {
  const wanted = readWanted(repository, body);
  const head = recordedBranch(forge.db, repository, wanted.head);
  const base = recordedBranch(forge.db, repository, wanted.base);
  if (!head) throw invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  if (!base) throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  refuseSecond(forge, repository, wanted);
  const path = forge.gitPath(repository);
  const stats = await diffStats(forge.git, path, base.sha, head.sha);
  if (stats.commits === 0) throw custom(`No commits between ${wanted.base} and ${wanted.head}`);
  const commits = await commitsBetween(forge.git, path, base.sha, head.sha);
  const number = forge.db.atomically(() => {
    const text = { title: wanted.title, body: wanted.body, author, isPull: true };
    const issue = insertIssue(forge.db, repository, text, forge.now());
    insertPull(forge.db, issue, {
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
  if (colon >= 0 && head.slice(0, colon).toLowerCase() !== repository.owner.toLowerCase()) {
    throw invalid({ resource: "PullRequest", field: "head", code: "invalid" }); // there are no forks here
  }
  return {
    title: fields.requiredText("title"),
    body: fields.text("body"),
    head: head.slice(colon + 1),
    base: fields.requiredText("base"),
    isDraft: fields.flag("draft"),
  };
}

/** At most one open pull request a head and base. */
export function refuseSecond(forge: Forge, repository: Repository, wanted: { head: string; base: string }): void {
  const open = listPulls(forge.db, repository, {
    state: "open",
    headRef: wanted.head,
    baseRef: wanted.base,
    sort: "created",
    direction: "asc",
  });
  if (open.length > 0) throw custom(`A pull request already exists for ${repository.owner}:${wanted.head}.`);
}

function custom(message: string) {
  return invalid({ resource: "PullRequest", code: "custom", message });
}
