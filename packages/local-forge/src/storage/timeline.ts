import type { Commit } from "../git/reading.ts";
import type { Comment } from "./comments.ts";
import type { Database } from "./database.ts";
import type { IssueEvent } from "./events.ts";
import type { Review } from "./pulls.ts";

/** Where something stands in the line of what happened to an issue or pull request. */
export interface TimelineEntry {
  readonly kind: "event" | "comment" | "review" | "commit";
  readonly item_id: number;
  readonly at: number;
}

/** Oldest first; what happened in the same instant in the order it was recorded. */
export function timelineOfIssue(db: Database, issueId: number): TimelineEntry[] {
  return db.all<TimelineEntry>("select kind, item_id, at from timeline where issue_id = @issueId order by at, id", {
    issueId,
  });
}

export type TimelineItem =
  | { readonly kind: "event"; readonly event: IssueEvent }
  | { readonly kind: "comment"; readonly comment: Comment }
  | { readonly kind: "review"; readonly review: Review }
  | { readonly kind: "commit"; readonly commit: Commit };

export function timelineItem(db: Database, { kind, item_id: id }: TimelineEntry): TimelineItem {
  switch (kind) {
    case "event":
      return { kind, event: db.get<IssueEvent>("select * from events where id = @id", { id }) as IssueEvent };
    case "comment":
      return { kind, comment: commentById(db, id) };
    case "review":
      return { kind, review: db.get<Review>("select * from reviews where id = @id", { id }) as Review };
    case "commit":
      return { kind, commit: commitById(db, id) };
  }
}

function commentById(db: Database, id: number): Comment {
  const text = "select c.*, i.number, i.is_pull from comments c join issues i on i.id = c.issue_id where c.id = @id";
  return db.get<Comment>(text, { id }) as Comment;
}

function commitById(db: Database, id: number): Commit {
  const row = db.get<{ details: string }>("select details from pull_commits where id = @id", { id });
  return JSON.parse((row as { details: string }).details) as Commit;
}
