import type { Database } from "./database.ts";

/** A comment on a line of a pull request's diff. It always belongs to a review. */
export interface LineComment {
  readonly id: number;
  readonly issue_id: number;
  readonly review_id: number;
  readonly author_id: number;
  readonly in_reply_to_id: number | null;
  readonly path: string;
  readonly side: "LEFT" | "RIGHT";
  readonly line: number;
  readonly position: number;
  readonly diff_hunk: string;
  readonly commit_id: string;
  readonly body: string;
  readonly created_at: number;
}

export function insertLineComment(db: Database, comment: Omit<LineComment, "id">): LineComment {
  const id = db.run(
    `insert into line_comments (issue_id, review_id, author_id, in_reply_to_id, path, side, line, position, diff_hunk,
       commit_id, body, created_at)
     values (@issue_id, @review_id, @author_id, @in_reply_to_id, @path, @side, @line, @position, @diff_hunk,
       @commit_id, @body, @created_at)`,
    { ...comment },
  );
  return db.get<LineComment>("select * from line_comments where id = @id", { id }) as LineComment;
}

/** Oldest first. */
export function lineCommentsOfPull(db: Database, issueId: number): LineComment[] {
  return db.all<LineComment>("select * from line_comments where issue_id = @issueId order by id", { issueId });
}
