import type { Forge } from "../forge.ts";
import { type Annotation, annotationsOf } from "../storage/annotations.ts";
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
      annotations_count: annotationsOf(forge.db, run.id).length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: suiteId(run.workflow_run_id) },
    app: null,
    pull_requests: [],
  };
}

export function viewAnnotation(forge: Forge, repository: Repository, run: CheckRun, annotation: Annotation) {
  const { path, line, level, title, message } = annotation;
  return {
    path,
    start_line: line,
    end_line: line,
    start_column: null,
    end_column: null,
    annotation_level: level,
    title,
    message,
    raw_details: null,
    blob_href: `${repositoryPage(forge, repository)}/blob/${run.sha}/${encodeURI(path)}`,
  };
}
