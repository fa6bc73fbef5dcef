import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { type ApiContext, type ApiEnv, numberParam, repositoryOf } from "../http/call.ts";
import { notFound, Refusal } from "../http/refusal.ts";
import { type CheckRun, currentCheckRunsOf, insertCheckRun } from "../storage/check-runs.ts";
import { findJobLog } from "../storage/job-logs.ts";
import type { Repository } from "../storage/repositories.ts";
import {
  findWorkflowRun,
  isFailed,
  listWorkflowRuns,
  startNextAttempt,
  type WorkflowRun,
} from "../storage/workflow-runs.ts";
import { repositoryPage } from "../views/repository.ts";
import { viewWorkflowRun } from "../views/workflow-run.ts";
import { pageSlice } from "./checks-of-commit.ts";

export function workflowRunRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const all = "/repos/:owner/:repo/actions/runs";

  api.get(all, (c) => {
    const { repository } = repositoryOf(forge, c);
    const { head_sha: sha = null, branch = null, status } = c.req.query();
    const runs = listWorkflowRuns(forge.db, repository, { sha, branch })
      .map((run) => viewWorkflowRun(forge, repository, run))
      .filter((run) => status === undefined || run.status === status || run.conclusion === status);
    return c.json({ total_count: runs.length, workflow_runs: pageSlice(c, runs) });
  });

  api.get(`${all}/:id{[0-9]+}`, (c) => {
    const { repository } = repositoryOf(forge, c);
    return c.json(viewWorkflowRun(forge, repository, runOf(c, repository)));
  });

  // Elsewhere, as at GitHub: who follows this must not take the token along.
  api.get("/repos/:owner/:repo/actions/jobs/:id{[0-9]+}/logs", (c) => {
    const { repository } = repositoryOf(forge, c);
    const id = numberParam(c, "id");
    const found = findJobLog(forge.db, repository, id);
    if (!found) throw notFound();
    const location = `${repositoryPage(forge, repository)}/job-logs/${id}?signature=${found.signature}`;
    return c.body(null, 302, { location });
  });

  api.post(`${all}/:id{[0-9]+}/rerun`, (c) => startAgain(c, () => true));
  api.post(`${all}/:id{[0-9]+}/rerun-failed-jobs`, (c) => startAgain(c, (check) => isFailed(check.conclusion)));

  /** As at GitHub, each job gets a new check run beside the old one, which stays to be looked at. */
  function startAgain(c: ApiContext, concerns: (check: CheckRun) => boolean): Response {
    const { repository } = repositoryOf(forge, c, "write");
    const run = runOf(c, repository);
    const checks = currentCheckRunsOf(forge.db, run.id);
    if (checks.some((check) => check.status !== "completed")) {
      throw new Refusal(403, "This workflow is already running");
    }
    const again = checks.filter(concerns);
    if (again.length === 0) throw new Refusal(403, "This workflow run cannot be retried");
    forge.db.atomically(() => {
      startNextAttempt(forge.db, run, forge.now());
      for (const { sha, name, external_id } of again.reverse()) {
        insertCheckRun(forge.db, repository, { ...queued, workflow_run_id: run.id, sha, name, external_id });
      }
    });
    return c.json({}, 201);
  }

  function runOf(c: ApiContext, repository: Repository): WorkflowRun {
    const run = findWorkflowRun(forge.db, repository, numberParam(c, "id"));
    if (!run) throw notFound();
    return run;
  }
}

const queued = {
  status: "queued",
  conclusion: null,
  started_at: null,
  completed_at: null,
  details_url: null,
  output_title: null,
  output_summary: null,
  output_text: null,
} as const;
