import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";
import type { Issue } from "./issues.ts";
import type { Repository } from "./repositories.ts";

/** A pull request: its issue side plus the branches. The base is in the issue's repository. */
export interface Pull extends Issue {
  /** Another one when it comes from a fork, null when that fork is gone. */
  readonly head_repository_id: number | null;
  readonly head_ref: string;
  readonly head_sha: string;
  readonly base_ref: string;
  readonly base_sha: string;
  readonly is_draft: number;
  readonly merged_at: number | null;
  readonly merged_by_id: number | null;
  readonly merge_sha: string | null;
  readonly additions: number;
  readonly deletions: number;
  readonly changed_files: number;
  readonly commits: number;
}

export interface DiffStats {
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  readonly commits: number;
}

export interface PullFilter {
  readonly state: "open" | "closed" | "all";
  readonly headOwner: string | null;
  readonly headRef: string | null;
  readonly baseRef: string | null;
  readonly sort: "created" | "updated";
  readonly direction: "asc" | "desc";
}

const selectPull = "select i.*, p.* from issues i join pulls p on p.issue_id = i.id";

export function insertPull(
  db: Database,
  issue: Issue,
  pull: {
    headRepositoryId: number;
    headRef: string;
    headSha: string;
    baseRef: string;
    baseSha: string;
    isDraft: boolean;
    stats: DiffStats;
  },
): void {
  db.run(
    `insert into pulls (issue_id, head_repository_id, head_ref, head_sha, base_ref, base_sha, is_draft, additions, deletions,
       changed_files, commits)
     values (@issueId, @headRepositoryId, @headRef, @headSha, @baseRef, @baseSha, @isDraft, @additions, @deletions, @changedFiles, @commits)`,
    {
      issueId: issue.id,
      headRepositoryId: pull.headRepositoryId,
      headRef: pull.headRef,
      headSha: pull.headSha,
      baseRef: pull.baseRef,
      baseSha: pull.baseSha,
      isDraft: Number(pull.isDraft),
      ...pull.stats,
    },
  );
}

export function findPull(db: Database, repository: Repository, number: number): Pull | undefined {
  return db.get<Pull>(
    `${selectPull} where i.repository_id = @repositoryId and i.number = @number and i.is_deleted = 0`,
    {
      repositoryId: repository.id,
      number,
    },
  );
}

export function listPulls(db: Database, repository: Repository, filter: PullFilter): Pull[] {
  return db.all<Pull>(
    `${selectPull} where i.repository_id = @repositoryId and i.is_deleted = 0
       and (@state = 'all' or i.state = @state)
       and (@headRef is null or p.head_ref = @headRef)
       and (@headOwner is null or p.head_repository_id in (
         select r.id from repositories r join users u on u.id = r.owner_id where u.login = @headOwner))
       and (@baseRef is null or p.base_ref = @baseRef)
     order by ${filter.sort === "updated" ? "i.updated_at" : "i.created_at"} ${filter.direction}, i.number ${filter.direction}`,
    {
      repositoryId: repository.id,
      state: filter.state,
      headOwner: filter.headOwner,
      headRef: filter.headRef,
      baseRef: filter.baseRef,
    },
  );
}

/** Open pull requests into other repositories, from branches of this one. */
export function pullsElsewhere(db: Database, headRepository: Repository): Pull[] {
  return db.all<Pull>(
    `${selectPull} where p.head_repository_id = @id and i.repository_id <> @id and i.state = 'open' and i.is_deleted = 0`,
    { id: headRepository.id },
  );
}

/** Open pull requests whose head or base is this branch of this repository. */
export function pullsOfBranch(db: Database, repository: Repository, branch: string): { heads: Pull[]; bases: Pull[] } {
  const open = db.all<Pull>(
    `${selectPull} where i.repository_id = @id and i.state = 'open' and i.is_deleted = 0 order by i.number`,
    { id: repository.id },
  );
  return {
    heads: open.filter((pull) => pull.head_ref === branch && pull.head_repository_id === repository.id),
    bases: open.filter((pull) => pull.base_ref === branch),
  };
}

export function movePull(
  db: Database,
  pull: Pull,
  to: { headSha: string; baseRef: string; baseSha: string; stats: DiffStats },
  now: number,
): void {
  db.run(
    `update pulls set head_sha = @headSha, base_ref = @baseRef, base_sha = @baseSha, additions = @additions,
            deletions = @deletions, changed_files = @changedFiles, commits = @commits where issue_id = @id`,
    { id: pull.id, headSha: to.headSha, baseRef: to.baseRef, baseSha: to.baseSha, ...to.stats },
  );
  db.run("update issues set updated_at = @now where id = @id", { id: pull.id, now });
}

export function setPullDraft(db: Database, pull: Pull, isDraft: boolean, now: number): void {
  db.run("update pulls set is_draft = @isDraft where issue_id = @id", { id: pull.id, isDraft: Number(isDraft) });
  db.run("update issues set updated_at = @now where id = @id", { id: pull.id, now });
}

/** Written before the base moves, so that a crash in between is understood afterwards. */
export function intendMerge(db: Database, pull: Pull, mergeSha: string): void {
  db.run("update pulls set merge_sha = @mergeSha where issue_id = @id", { id: pull.id, mergeSha });
}

export function markPullMerged(db: Database, pull: Pull, mergeSha: string, by: User, now: number): void {
  db.run("update pulls set merged_at = @now, merged_by_id = @byId, merge_sha = @mergeSha where issue_id = @id", {
    id: pull.id,
    now,
    byId: by.id,
    mergeSha,
  });
}

export interface Review {
  readonly id: number;
  readonly issue_id: number;
  readonly author_id: number;
  readonly state: string;
  readonly body: string;
  readonly commit_id: string;
  readonly submitted_at: number;
}

export function insertReview(
  db: Database,
  pull: Pull,
  review: { author: User; state: string; body: string; commitId: string },
  now: number,
): Review {
  const id = db.run(
    `insert into reviews (issue_id, author_id, state, body, commit_id, submitted_at)
     values (@issueId, @authorId, @state, @body, @commitId, @now)`,
    {
      issueId: pull.id,
      authorId: review.author.id,
      state: review.state,
      body: review.body,
      commitId: review.commitId,
      now,
    },
  );
  db.run("update issues set updated_at = @now where id = @id", { id: pull.id, now });
  return db.get<Review>("select * from reviews where id = @id", { id }) as Review;
}

export function reviewsOfPull(db: Database, issueId: number): Review[] {
  return db.all<Review>("select * from reviews where issue_id = @issueId order by id", { issueId });
}
