import type { Commit } from "../git/reading.ts";
import type { Database } from "./database.ts";

/**
 * Makes these the commits of the pull request. New ones enter its timeline at `now`, and those a forced push took away
 * leave it, as at GitHub. Call inside a transaction.
 */
export function recordPullCommits(db: Database, issueId: number, commits: readonly Commit[], now: number): void {
  const kept = JSON.stringify(commits.map((commit) => commit.sha));
  db.run("delete from pull_commits where issue_id = @issueId and sha not in (select value from json_each(@kept))", {
    issueId,
    kept,
  });
  for (const commit of commits) {
    db.run(
      `insert into pull_commits (issue_id, sha, details, created_at) values (@issueId, @sha, @details, @now)
       on conflict (issue_id, sha) do nothing`,
      { issueId, sha: commit.sha, details: JSON.stringify(commit), now },
    );
  }
}

/** Open pull requests of a forge that did not record commits yet. */
export function pullsWithoutCommits(db: Database, repositoryId: number): number[] {
  const rows = db.all<{ number: number }>(
    `select i.number from issues i join pulls p on p.issue_id = i.id
      where i.repository_id = @repositoryId and i.state = 'open' and i.is_deleted = 0
        and not exists (select 1 from pull_commits c where c.issue_id = i.id)`,
    { repositoryId },
  );
  return rows.map((row) => row.number);
}
