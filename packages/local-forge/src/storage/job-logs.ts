import { randomBytes } from "node:crypto";
import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

/** What a job, which is a check run under the same id, printed. */
export interface JobLog {
  /** Whoever knows it may read the log without a token, as at GitHub's file store. */
  readonly signature: string;
  readonly log: string;
}

export function keepJobLog(db: Database, checkRunId: number, log: string): void {
  const signature = randomBytes(16).toString("hex");
  db.run(
    `insert into job_logs (check_run_id, signature, log) values (@checkRunId, @signature, @log)
     on conflict (check_run_id) do update set log = @log`,
    { checkRunId, signature, log },
  );
}

export function findJobLog(db: Database, repository: Repository, checkRunId: number): JobLog | undefined {
  return db.get<JobLog>(
    `select signature, log from job_logs join check_runs on check_runs.id = check_run_id
      where check_run_id = @checkRunId and repository_id = @repositoryId`,
    { checkRunId, repositoryId: repository.id },
  );
}
