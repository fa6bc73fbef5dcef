import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";

export function requestedReviewers(db: Database, issueId: number): User[] {
  return db.all<User>(
    "select u.* from review_requests r join users u on u.id = r.user_id where r.issue_id = @issueId order by u.id",
    { issueId },
  );
}

/** True when the review was not requested before. */
export function requestReview(db: Database, issueId: number, reviewer: User): boolean {
  const row = db.get(
    "insert into review_requests (issue_id, user_id) values (@issueId, @userId) on conflict do nothing returning 1",
    { issueId, userId: reviewer.id },
  );
  return row !== undefined;
}

/** True when it was requested. */
export function dropReviewRequest(db: Database, issueId: number, reviewer: User): boolean {
  const row = db.get("delete from review_requests where issue_id = @issueId and user_id = @userId returning 1", {
    issueId,
    userId: reviewer.id,
  });
  return row !== undefined;
}
