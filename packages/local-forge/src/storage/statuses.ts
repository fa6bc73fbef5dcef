import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

export interface Status {
  readonly id: number;
  readonly sha: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly context: string;
  readonly description: string | null;
  readonly target_url: string | null;
  readonly creator_id: number;
  readonly created_at: number;
}

export function insertStatus(db: Database, repository: Repository, status: Omit<Status, "id">): Status {
  const id = db.run(
    `insert into statuses (repository_id, sha, state, context, description, target_url, creator_id, created_at)
     values (@repositoryId, @sha, @state, @context, @description, @target_url, @creator_id, @created_at)`,
    { repositoryId: repository.id, ...status },
  );
  return db.get<Status>("select * from statuses where id = @id", { id }) as Status;
}

/** The latest status of each context. */
export function currentStatuses(db: Database, repository: Repository, sha: string): Status[] {
  return db.all<Status>(
    `select * from statuses where id in (
       select max(id) from statuses where repository_id = @repositoryId and sha = @sha group by context) order by id`,
    { repositoryId: repository.id, sha },
  );
}

/** All there ever were, newest first. */
export function statusesOfCommit(db: Database, repository: Repository, sha: string): Status[] {
  return db.all<Status>("select * from statuses where repository_id = @repositoryId and sha = @sha order by id desc", {
    repositoryId: repository.id,
    sha,
  });
}

/** Pure: GitHub's rule for the combined state. */
export function combinedState(statuses: readonly Status[]): "failure" | "pending" | "success" {
  if (statuses.some((status) => status.state === "failure" || status.state === "error")) return "failure";
  return statuses.length === 0 || statuses.some((status) => status.state === "pending") ? "pending" : "success";
}
