import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

export const checkStatuses = ["queued", "in_progress", "completed", "waiting", "requested", "pending"] as const;
export const conclusions = [
  "success",
  "failure",
  "neutral",
  "cancelled",
  "skipped",
  "timed_out",
  "action_required",
  "stale",
] as const;
export type CheckStatus = (typeof checkStatuses)[number];
export type Conclusion = (typeof conclusions)[number];

export interface CheckRun {
  readonly id: number;
  readonly workflow_run_id: number;
  readonly sha: string;
  readonly name: string;
  readonly status: CheckStatus;
  /** Null until it is completed. */
  readonly conclusion: Conclusion | null;
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
    `insert into check_runs (repository_id, workflow_run_id, sha, name, status, conclusion, started_at, completed_at,
       details_url, external_id, output_title, output_summary, output_text)
     values (@repositoryId, @workflow_run_id, @sha, @name, @status, @conclusion, @started_at, @completed_at,
       @details_url, @external_id, @output_title, @output_summary, @output_text)`,
    { repositoryId: repository.id, ...run },
  );
  return findCheckRun(db, repository, id) as CheckRun;
}

export function findCheckRun(db: Database, repository: Repository, id: number): CheckRun | undefined {
  return db.get<CheckRun>("select * from check_runs where id = @id and repository_id = @repositoryId", {
    id,
    repositoryId: repository.id,
  });
}

export function updateCheckRun(db: Database, run: CheckRun): void {
  db.run(
    `update check_runs set name = @name, status = @status, conclusion = @conclusion, started_at = @started_at,
            completed_at = @completed_at, details_url = @details_url, external_id = @external_id,
            output_title = @output_title, output_summary = @output_summary, output_text = @output_text where id = @id`,
    { ...run },
  );
}

export function checkRunsOfCommit(db: Database, repository: Repository, sha: string): CheckRun[] {
  return db.all<CheckRun>(
    "select * from check_runs where repository_id = @repositoryId and sha = @sha order by id desc",
    { repositoryId: repository.id, sha },
  );
}

/** The latest run of each name in each workflow. */
export function currentCheckRuns(db: Database, repository: Repository, sha: string): CheckRun[] {
  return latestOfEachName(checkRunsOfCommit(db, repository, sha));
}

export function currentCheckRunsOf(db: Database, workflowRunId: number): CheckRun[] {
  const all = db.all<CheckRun>("select * from check_runs where workflow_run_id = @workflowRunId order by id desc", {
    workflowRunId,
  });
  return latestOfEachName(all);
}

/** Pure: of runs that stand newest first. */
function latestOfEachName(runs: readonly CheckRun[]): CheckRun[] {
  const seen = new Set<string>();
  return runs.filter((run) => {
    const key = `${run.workflow_run_id} ${run.name}`;
    return !seen.has(key) && seen.add(key);
  });
}
