import { logTail } from "../decide/pull-request/log-tail.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import type { Task } from "../domain/task.ts";
import type { JobLog } from "../ports.ts";
import { ForgeError } from "../ports.ts";
import type { Project } from "./project.ts";
import { redacted } from "./store-without-secrets.ts";

const mostJobs = 3;
/** Of one job, before its last lines are taken: what looks like a secret is looked for in whole lines. */
const mostRead = 200_000;

/**
 * What the failed jobs of a pull request printed at last, for its repair: two requests a job, asked for only now. A log
 * that cannot be had keeps nothing from starting; what the check says of itself is in the prompt anyway.
 */
export async function readLogs(
  { source, secrets, log }: Pick<Project, "source" | "secrets" | "log">,
  task: Task,
): Promise<readonly JobLog[]> {
  if (task.lane !== "pr-fix") return [];
  const failures = pullRequestPayloadOf(task)?.failures ?? [];
  const jobs = failures.filter(({ isOfBase, jobId }) => !isOfBase && jobId !== undefined).slice(0, mostJobs);
  const logs: JobLog[] = [];
  for (const { name, jobId = 0 } of jobs) {
    try {
      const text = await source.jobLog(jobId, mostRead);
      const tail = text === null ? "" : logTail(await redacted(secrets, text));
      if (tail !== "") logs.push({ name, text: tail });
    } catch (error) {
      if (!(error instanceof ForgeError)) throw error;
      log.warn("log of a failed check could not be read", { subject: task.subject, jobId, error: error.message });
    }
  }
  return logs;
}
