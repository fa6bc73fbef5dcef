import type { Forge } from "../forge.ts";
import type { Commit } from "../git/reading.ts";
import { currentCheckRunsOf } from "../storage/check-runs.ts";
import type { Repository } from "../storage/repositories.ts";
import { stateOfChecks, type WorkflowRun } from "../storage/workflow-runs.ts";
import { repositoryApi, repositoryPage, viewMinimalRepository } from "./repository.ts";
import { isoTime, nodeId, part } from "./shared.ts";

export function viewWorkflowRun(forge: Forge, repository: Repository, run: WorkflowRun) {
  const api = repositoryApi(forge, repository);
  const url = `${api}/actions/runs/${run.id}`;
  const shown = viewMinimalRepository(forge, repository);
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("WorkflowRun", run.id),
    check_suite_id: suiteId(run.id),
    check_suite_node_id: nodeId("CheckSuite", suiteId(run.id)),
    head_branch: run.head_branch,
    head_sha: run.sha,
    path: `.github/workflows/${part(run.name.toLowerCase())}.yml`,
    run_number: run.run_number,
    run_attempt: run.run_attempt,
    event: "push",
    ...stateOfChecks(currentCheckRunsOf(forge.db, run.id)),
    workflow_id: repository.id,
    display_title: run.name,
    url,
    html_url: `${repositoryPage(forge, repository)}/actions/runs/${run.id}`,
    pull_requests: [],
    created_at: isoTime(run.created_at),
    updated_at: isoTime(run.updated_at),
    run_started_at: isoTime(run.started_at),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${suiteId(run.id)}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api}/actions/workflows/${repository.id}`,
    head_commit: null,
    repository: shown,
    head_repository: shown,
  };
}

export function viewCheckSuite(forge: Forge, repository: Repository, run: WorkflowRun, commit: Commit) {
  const checks = currentCheckRunsOf(forge.db, run.id);
  const url = `${repositoryApi(forge, repository)}/check-suites/${suiteId(run.id)}`;
  return {
    id: suiteId(run.id),
    node_id: nodeId("CheckSuite", suiteId(run.id)),
    head_branch: run.head_branch,
    head_sha: run.sha,
    ...stateOfChecks(checks),
    url,
    before: null,
    after: run.sha,
    pull_requests: [],
    app: null,
    repository: viewMinimalRepository(forge, repository),
    created_at: isoTime(run.created_at),
    updated_at: isoTime(run.updated_at),
    head_commit: {
      id: commit.sha,
      tree_id: commit.tree,
      message: commit.message,
      timestamp: commit.committer.date,
      author: { name: commit.author.name, email: commit.author.email },
      committer: { name: commit.committer.name, email: commit.committer.email },
    },
    latest_check_runs_count: checks.length,
    check_runs_url: `${url}/check-runs`,
    rerequestable: true,
    runs_rerequestable: false,
  };
}

/** Pure: a suite and its run are one thing under two numbers, which must not be mixed up. */
export function suiteId(workflowRunId: number): number {
  return workflowRunId + 1_000_000;
}
