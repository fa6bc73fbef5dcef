import type { CheckRun, Conclusion } from "./check-runs.ts";
import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

/** One workflow at one commit: a workflow run and, under another id, a check suite. Its state is that of its checks. */
export interface WorkflowRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  readonly head_branch: string | null;
  readonly run_number: number;
  /** Grows with each time it is run again. */
  readonly run_attempt: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly started_at: number;
}

export function ensureWorkflowRun(
  db: Database,
  repository: Repository,
  wanted: { sha: string; name: string },
  now: number,
): WorkflowRun {
  const key = { repositoryId: repository.id, ...wanted };
  db.run(
    `insert into workflow_runs (repository_id, sha, name, head_branch, run_number, created_at, updated_at, started_at)
     values (@repositoryId, @sha, @name,
       (select name from branches where repository_id = @repositoryId and sha = @sha order by name limit 1),
       (select count(*) + 1 from workflow_runs where repository_id = @repositoryId and name = @name), @now, @now, @now)
     on conflict (repository_id, sha, name) do update set updated_at = @now`,
    { ...key, now },
  );
  return db.get<WorkflowRun>(
    "select * from workflow_runs where repository_id = @repositoryId and sha = @sha and name = @name",
    key,
  ) as WorkflowRun;
}

export function findWorkflowRun(db: Database, repository: Repository, id: number): WorkflowRun | undefined {
  return db.get<WorkflowRun>("select * from workflow_runs where id = @id and repository_id = @repositoryId", {
    id,
    repositoryId: repository.id,
  });
}

/** Newest first. */
export function listWorkflowRuns(
  db: Database,
  repository: Repository,
  filter: { sha: string | null; branch: string | null },
): WorkflowRun[] {
  return db.all<WorkflowRun>(
    `select * from workflow_runs where repository_id = @repositoryId and (@sha is null or sha = @sha)
        and (@branch is null or head_branch = @branch) order by id desc`,
    { repositoryId: repository.id, sha: filter.sha, branch: filter.branch },
  );
}

export function touchWorkflowRun(db: Database, id: number, now: number): void {
  db.run("update workflow_runs set updated_at = @now where id = @id", { id, now });
}

export function startNextAttempt(db: Database, run: WorkflowRun, now: number): void {
  db.run(
    "update workflow_runs set run_attempt = run_attempt + 1, started_at = @now, updated_at = @now where id = @id",
    { id: run.id, now },
  );
}

export interface RunState {
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: Conclusion | null;
}

/** Pure: what a run or suite shows of its checks. The worst conclusion counts; skipped and neutral ones fail nothing. */
export function stateOfChecks(checks: readonly Pick<CheckRun, "status" | "conclusion">[]): RunState {
  if (checks.some((check) => check.status !== "completed") || checks.length === 0) {
    const begun = checks.some((check) => check.status === "in_progress" || check.status === "completed");
    return { status: begun ? "in_progress" : "queued", conclusion: null };
  }
  const worst = worstFirst.find((conclusion) => checks.some((check) => check.conclusion === conclusion));
  return { status: "completed", conclusion: worst ?? "success" };
}

const worstFirst: readonly Conclusion[] = [
  "failure",
  "timed_out",
  "action_required",
  "cancelled",
  "stale",
  "success",
  "neutral",
  "skipped",
];

/** Pure: whether this conclusion is one that running failed jobs again concerns. */
export function isFailed(conclusion: Conclusion | null): boolean {
  return conclusion !== null && worstFirst.indexOf(conclusion) < worstFirst.indexOf("success");
}
