import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";
import { type Issue, touchIssue } from "./issues.ts";
import type { Repository } from "./repositories.ts";

export interface Comment {
  readonly id: number;
  readonly issue_id: number;
  readonly number: number;
  readonly is_pull: number;
  readonly author_id: number;
  readonly body: string;
  readonly created_at: number;
  readonly updated_at: number;
}

const selectComment = "select c.*, i.number, i.is_pull from comments c join issues i on i.id = c.issue_id";

export function insertComment(db: Database, issue: Issue, author: User, body: string, now: number): Comment {
  const id = db.run(
    `insert into comments (issue_id, author_id, body, created_at, updated_at)
     values (@issueId, @authorId, @body, @now, @now)`,
    { issueId: issue.id, authorId: author.id, body, now },
  );
  touchIssue(db, issue.id, now);
  return db.get<Comment>(`${selectComment} where c.id = @id`, { id }) as Comment;
}

export function findComment(db: Database, repository: Repository, id: number): Comment | undefined {
  return db.get<Comment>(`${selectComment} where c.id = @id and i.repository_id = @repositoryId`, {
    id,
    repositoryId: repository.id,
  });
}

/** Oldest first, as GitHub lists them. `issue` null means all of the repository. */
export function listComments(
  db: Database,
  repository: Repository,
  issue: Issue | null,
  since: number | null,
): Comment[] {
  return db.all<Comment>(
    `${selectComment} where i.repository_id = @repositoryId and (@issueId is null or c.issue_id = @issueId)
       and (@since is null or c.updated_at / 1000 >= @since / 1000) order by c.id`,
    { repositoryId: repository.id, issueId: issue?.id ?? null, since },
  );
}

export function countComments(db: Database, issueId: number): number {
  return db.get<{ total: number }>("select count(*) as total from comments where issue_id = @issueId", { issueId })
    ?.total as number;
}

export function updateComment(db: Database, comment: Comment, body: string, now: number): void {
  db.run("update comments set body = @body, updated_at = @now where id = @id", { id: comment.id, body, now });
  touchIssue(db, comment.issue_id, now);
}

export function deleteComment(db: Database, comment: Comment, now: number): void {
  db.run("delete from comments where id = @id", { id: comment.id });
  touchIssue(db, comment.issue_id, now);
}
