import { annotationLines, firstFailures } from "../decide/pull-request/annotation-lines.ts";
import { logTail } from "../decide/pull-request/log-tail.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import type { Task } from "../domain/task.ts";
import type { JobLog } from "../ports.ts";
import { ForgeError } from "../ports.ts";
import type { Project } from "./project.ts";
import { redacted } from "./store-without-secrets.ts";

type Reader = Pick<Project, "source" | "secrets" | "log">;

const mostJobs = 3;
/** Of one job, before its last lines are taken: what looks like a secret is looked for in whole lines. */
const mostRead = 200_000;

/**
 * What the failed jobs of a pull request printed at last and marked in the code, for its repair: three requests a job,
 * asked for only now. What cannot be had keeps nothing from starting; what the check says of itself is in the prompt anyway.
 */
export async function readLogs(project: Reader, task: Task): Promise<readonly JobLog[]> {
  if (task.lane !== "pr-fix") return [];
  const failures = pullRequestPayloadOf(task)?.failures ?? [];
  const jobs = failures.filter(({ isOfBase, jobId }) => !isOfBase && jobId !== undefined).slice(0, mostJobs);
  const logs: JobLog[] = [];
  for (const { name, jobId = 0 } of jobs) {
    const text = await orNothing(project, task, jobId, () => tailOf(project, jobId));
    const marks = await orNothing(project, task, jobId, () => marksOf(project, jobId));
    if (text !== "" || marks !== "") logs.push({ name, text, ...(marks === "" ? {} : { marks }) });
  }
  return logs;
}

async function tailOf({ source, secrets }: Reader, jobId: number): Promise<string> {
  const text = await source.jobLog(jobId, mostRead);
  return text === null ? "" : logTail(await redacted(secrets, text));
}

/** Whole texts are searched for secrets, before they are cut. */
async function marksOf({ source, secrets }: Reader, jobId: number): Promise<string> {
  const failures = firstFailures(await source.annotations(jobId));
  const clean = failures.map(async (failure) => ({
    ...failure,
    path: await redacted(secrets, failure.path),
    title: await redacted(secrets, failure.title),
    message: await redacted(secrets, failure.message),
  }));
  return annotationLines(await Promise.all(clean));
}

async function orNothing({ log }: Reader, task: Task, jobId: number, read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    log.warn("log of a failed check could not be read", { subject: task.subject, jobId, error: error.message });
    return "";
  }
}
