import type { MergeMethod } from "../git/merging.ts";
import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";
import { recordEvent } from "./events.ts";
import type { Pull } from "./pulls.ts";
import type { Repository } from "./repositories.ts";

/** A pull request the forge will merge by itself: from the base's queue, or as soon as the base's rules hold. */
export interface WaitingMerge {
  readonly issue_id: number;
  readonly number: number;
  readonly way: "queue" | "auto";
  readonly by_id: number;
  readonly method: MergeMethod;
  readonly title: string | null;
  readonly message: string | null;
  readonly created_at: number;
}

type Wanted = Pick<WaitingMerge, "way" | "method" | "title" | "message">;

const select = "select w.*, i.number from waiting_merges w join issues i on i.id = w.issue_id";

/** One that waits already goes on in the new way. */
export function putWaitingMerge(db: Database, pull: Pull, by: User, wanted: Wanted, now: number): void {
  removeWaitingMerge(db, pull.id);
  db.run(
    `insert into waiting_merges (issue_id, way, by_id, method, title, message, created_at)
     values (@issueId, @way, @byId, @method, @title, @message, @now)`,
    { issueId: pull.id, byId: by.id, now, ...wanted },
  );
  if (wanted.way === "queue") recordEvent(db, pull.id, by, "added_to_merge_queue", now);
  touch(db, pull.id, now);
}

/** It leaves the queue unmerged, which its timeline tells. */
export function leaveQueue(db: Database, { issue_id: issueId }: WaitingMerge, by: User, now: number): void {
  removeWaitingMerge(db, issueId);
  recordEvent(db, issueId, by, "removed_from_merge_queue", now);
  touch(db, issueId, now);
}

const touch = (db: Database, id: number, now: number): void =>
  void db.run("update issues set updated_at = @now where id = @id", { id, now });

export function removeWaitingMerge(db: Database, issueId: number): void {
  db.run("delete from waiting_merges where issue_id = @issueId", { issueId });
}

export function waitingMergeOf(db: Database, issueId: number): WaitingMerge | undefined {
  return db.get<WaitingMerge>(`${select} where w.issue_id = @issueId`, { issueId });
}

/** The longest waiting first. */
export function waitingMerges(db: Database, repository: Repository, way: WaitingMerge["way"]): WaitingMerge[] {
  return db.all<WaitingMerge>(
    `${select} where i.repository_id = @repositoryId and w.way = @way order by w.created_at, i.number`,
    { repositoryId: repository.id, way },
  );
}
