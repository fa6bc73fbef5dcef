import type { Forge } from "../forge.ts";
import type { CheckRun } from "../storage/check-runs.ts";
import type { Repository } from "../storage/repositories.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";
import { isoTime, nodeId } from "./shared.ts";
import { suiteId } from "./workflow-run.ts";

export function viewCheckRun(forge: Forge, repository: Repository, run: CheckRun) {
  const url = `${repositoryApi(forge, repository)}/check-runs/${run.id}`;
  const page = `${repositoryPage(forge, repository)}/actions/runs/${run.workflow_run_id}/job/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CheckRun", run.id),
    head_sha: run.sha,
    external_id: run.external_id,
    url,
    html_url: page,
    details_url: run.details_url ?? page,
    status: run.status,
    conclusion: run.conclusion,
    started_at: isoTime(run.started_at),
    completed_at: isoTime(run.completed_at),
    output: {
      title: run.output_title,
      summary: run.output_summary,
      text: run.output_text,
      annotations_count: 0,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: suiteId(run.workflow_run_id) },
    app: null,
    pull_requests: [],
  };
}
