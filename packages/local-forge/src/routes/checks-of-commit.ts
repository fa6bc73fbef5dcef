import type { Forge } from "../forge.ts";
import { readCommit } from "../git/reading.ts";
import type { ApiContext } from "../http/call.ts";
import { addLinks, pageOf } from "../http/pagination.ts";
import { checkRunsOfCommit, currentCheckRuns, currentCheckRunsOf } from "../storage/check-runs.ts";
import type { Repository } from "../storage/repositories.ts";
import { listWorkflowRuns } from "../storage/workflow-runs.ts";
import { viewCheckRun } from "../views/check-run.ts";
import { viewCheckSuite } from "../views/workflow-run.ts";

export function answerCheckRuns(forge: Forge, c: ApiContext, repository: Repository, sha: string): Response {
  const { check_name: name, status, filter } = c.req.query();
  const read = filter === "all" ? checkRunsOfCommit : currentCheckRuns;
  const runs = read(forge.db, repository, sha).filter(
    (run) => (name === undefined || run.name === name) && (status === undefined || run.status === status),
  );
  const shown = pageSlice(c, runs).map((run) => viewCheckRun(forge, repository, run));
  return c.json({ total_count: runs.length, check_runs: shown });
}

export async function answerCheckSuites(
  forge: Forge,
  c: ApiContext,
  repository: Repository,
  sha: string,
): Promise<Response> {
  const name = c.req.query("check_name");
  const suites = listWorkflowRuns(forge.db, repository, { sha, branch: null }).filter(
    (run) => name === undefined || currentCheckRunsOf(forge.db, run.id).some((check) => check.name === name),
  );
  const commit = await readCommit(forge.git, forge.gitPath(repository), sha);
  const shown = pageSlice(c, suites).map((run) => viewCheckSuite(forge, repository, run, commit));
  return c.json({ total_count: suites.length, check_suites: shown });
}

/** One page of a list that stands inside an object, with its links. */
export function pageSlice<T>(c: ApiContext, all: readonly T[]): readonly T[] {
  const page = pageOf(c);
  addLinks(c, page, all.length);
  return all.slice((page.page - 1) * page.perPage, page.page * page.perPage);
}
