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

/** Pure: GitHub's rule for the combined state. */
export function combinedState(statuses: readonly Status[]): "failure" | "pending" | "success" {
  if (statuses.some((status) => status.state === "failure" || status.state === "error")) return "failure";
  return statuses.length === 0 || statuses.some((status) => status.state === "pending") ? "pending" : "success";
}

export interface CheckRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly details_url: string | null;
  readonly external_id: string | null;
  readonly output_title: string | null;
  readonly output_summary: string | null;
  readonly output_text: string | null;
}

export function insertCheckRun(db: Database, repository: Repository, run: Omit<CheckRun, "id">): CheckRun {
  const id = db.run(
    `insert into check_runs (repository_id, sha, name, status, conclusion, started_at, completed_at, details_url,
       external_id, output_title, output_summary, output_text)
     values (@repositoryId, @sha, @name, @status, @conclusion, @started_at, @completed_at, @details_url,
       @external_id, @output_title, @output_summary, @output_text)`,
    { repositoryId: repository.id, ...run },
  );
  return db.get<CheckRun>("select * from check_runs where id = @id", { id }) as CheckRun;
}

/** The latest run of each name. */
export function currentCheckRuns(db: Database, repository: Repository, sha: string): CheckRun[] {
  return db.all<CheckRun>(
    `select * from check_runs where id in (
       select max(id) from check_runs where repository_id = @repositoryId and sha = @sha group by name) order by id desc`,
    { repositoryId: repository.id, sha },
  );
}
