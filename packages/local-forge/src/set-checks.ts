import type { Forge } from "./forge.ts";
import { resolveCommit } from "./git/bare-repository.ts";
import { type Annotation, keepAnnotations } from "./storage/annotations.ts";
import {
  type CheckRun,
  type CheckStatus,
  type Conclusion,
  conclusions,
  currentCheckRunsOf,
  insertCheckRun,
  updateCheckRun,
} from "./storage/check-runs.ts";
import { keepJobLog } from "./storage/job-logs.ts";
import type { Repository } from "./storage/repositories.ts";
import { ensureWorkflowRun } from "./storage/workflow-runs.ts";

/** A conclusion, or how far it is. */
export type CheckState = Conclusion | "queued" | "in_progress";

export interface WantedChecks {
  /** `owner/name` */
  readonly repository: string;
  /** A branch, tag or SHA. */
  readonly ref: string;
  /** `CI`, where checks reported through the API are too. */
  readonly workflow?: string;
  /** By name. A check that is there already changes, others stay as they are. */
  readonly checks: Readonly<Record<string, CheckState>>;
  /** By name of one of these checks: what its job printed. */
  readonly logs?: Readonly<Record<string, string>>;
  /** By name of one of these checks: what it marked in the code. */
  readonly annotations?: Readonly<Record<string, readonly Annotation[]>>;
}

export async function setChecks(forge: Forge, repository: Repository, wanted: WantedChecks) {
  const sha = await resolveCommit(forge.git, forge.gitPath(repository), wanted.ref);
  if (sha === null) throw new Error(`${wanted.repository} has no commit "${wanted.ref}"`);
  return forge.db.atomically(() => {
    const workflow = { sha, name: wanted.workflow ?? "CI" };
    const run = ensureWorkflowRun(forge.db, repository, workflow, forge.now());
    const known = new Map(currentCheckRunsOf(forge.db, run.id).map((check) => [check.name, check]));
    const ids = Object.entries(wanted.checks).map(([name, state]) => {
      const before = known.get(name);
      const after = {
        ...(before ?? { ...blank, workflow_run_id: run.id, sha, name }),
        ...stateFields(state, forge.now()),
      };
      if (before) updateCheckRun(forge.db, after as CheckRun);
      const id = before?.id ?? insertCheckRun(forge.db, repository, after).id;
      const log = wanted.logs?.[name];
      if (log !== undefined) keepJobLog(forge.db, id, log);
      const annotations = wanted.annotations?.[name];
      if (annotations !== undefined) keepAnnotations(forge.db, id, annotations);
      return [name, id] as const;
    });
    return { workflowRunId: run.id, checkRunIds: Object.fromEntries(ids) };
  });
}

function stateFields(state: CheckState, now: number) {
  const conclusion = conclusions.find((one) => one === state) ?? null;
  if (conclusion === null && state !== "queued" && state !== "in_progress") {
    throw new Error(`check state "${state}" is not one of queued, in_progress, ${conclusions.join(", ")}`);
  }
  const status: CheckStatus = conclusion === null ? (state as CheckStatus) : "completed";
  return { status, conclusion, started_at: state === "queued" ? null : now, completed_at: conclusion && now };
}

const blank = {
  details_url: null,
  external_id: null,
  output_title: null,
  output_summary: null,
  output_text: null,
};
