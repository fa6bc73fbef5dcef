import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { type BodyReader, readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, numberParam, repositoryOf } from "../http/call.ts";
import { invalid, notFound } from "../http/refusal.ts";
import { mergeWaiting } from "../pulls/merge-waiting.ts";
import { annotationsOf } from "../storage/annotations.ts";
import {
  type CheckRun,
  type CheckStatus,
  checkStatuses,
  conclusions,
  findCheckRun,
  insertCheckRun,
  updateCheckRun,
} from "../storage/check-runs.ts";
import type { Repository } from "../storage/repositories.ts";
import { ensureWorkflowRun, touchWorkflowRun } from "../storage/workflow-runs.ts";
import { viewAnnotation, viewCheckRun } from "../views/check-run.ts";
import { pageSlice } from "./checks-of-commit.ts";
import { commitOf } from "./commit-of.ts";

/** Who reports through the API cannot name a workflow, so all of a commit's checks are of this one. */
const usualWorkflow = "CI";

export function checkRunRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  api.post("/repos/:owner/:repo/check-runs", async (c) => {
    const { repository } = repositoryOf(forge, c, "write");
    const body = readBody(c.env.call.body, "CheckRun");
    const sha = await commitOf(forge, repository, body.requiredText("head_sha"));
    const name = body.requiredText("name");
    const begun = { ...blank, name, sha, started_at: forge.now() };
    const wanted = readRun(c, body, begun, forge.now());
    const run = forge.db.atomically(() => {
      const workflow = ensureWorkflowRun(forge.db, repository, { sha, name: usualWorkflow }, forge.now());
      return insertCheckRun(forge.db, repository, { ...wanted, workflow_run_id: workflow.id });
    });
    await mergeWaiting(forge, repository);
    return c.json(viewCheckRun(forge, repository, run), 201);
  });

  const one = "/repos/:owner/:repo/check-runs/:id{[0-9]+}";

  api.get(one, (c) => {
    const { repository } = repositoryOf(forge, c);
    return c.json(viewCheckRun(forge, repository, runOf(c, repository)));
  });

  api.get(`${one}/annotations`, (c) => {
    const { repository } = repositoryOf(forge, c);
    const run = runOf(c, repository);
    const shown = pageSlice(c, annotationsOf(forge.db, run.id));
    return c.json(shown.map((annotation) => viewAnnotation(forge, repository, run, annotation)));
  });

  api.patch(one, async (c) => {
    const { repository } = repositoryOf(forge, c, "write");
    const run = runOf(c, repository);
    const wanted = readRun(c, readBody(c.env.call.body, "CheckRun"), run, forge.now());
    forge.db.atomically(() => {
      updateCheckRun(forge.db, { ...run, ...wanted });
      touchWorkflowRun(forge.db, run.workflow_run_id, forge.now());
    });
    await mergeWaiting(forge, repository);
    return c.json(viewCheckRun(forge, repository, runOf(c, repository)));
  });

  function runOf(c: ApiContext, repository: Repository): CheckRun {
    const run = findCheckRun(forge.db, repository, numberParam(c, "id"));
    if (!run) throw notFound();
    return run;
  }
}

type Reported = Omit<CheckRun, "id" | "workflow_run_id">;

const blank = {
  status: "queued" as CheckStatus,
  conclusion: null,
  completed_at: null,
  details_url: null,
  external_id: null,
  output_title: null,
  output_summary: null,
  output_text: null,
};

/** A conclusion completes a run, and a run that is not completed has none. */
function readRun(c: ApiContext, body: BodyReader, before: Reported, now: number): Reported {
  const concluded = body.oneOf("conclusion", conclusions);
  const status = concluded ? "completed" : (body.oneOf("status", checkStatuses) ?? before.status);
  const done = status === "completed";
  const conclusion = done ? (concluded ?? before.conclusion) : null;
  if (done && conclusion === null) throw invalid({ resource: "CheckRun", field: "conclusion", code: "missing_field" });
  const output = (c.env.call.body as { output?: unknown }).output;
  return {
    sha: before.sha,
    name: body.text("name") ?? before.name,
    status,
    conclusion,
    started_at: instant(body, "started_at") ?? before.started_at,
    completed_at: done ? (instant(body, "completed_at") ?? before.completed_at ?? now) : null,
    details_url: body.text("details_url") ?? before.details_url,
    external_id: body.text("external_id") ?? before.external_id,
    ...(output === undefined ? outputOf(before) : readOutput(output)),
  };
}

function outputOf({ output_title, output_summary, output_text }: Reported) {
  return { output_title, output_summary, output_text };
}

function readOutput(given: unknown) {
  const output = readBody(given, "CheckRun");
  return {
    output_title: output.text("title"),
    output_summary: output.text("summary"),
    output_text: output.text("text"),
  };
}

function instant(body: BodyReader, field: string): number | null {
  const text = body.text(field);
  if (text === null) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid({ resource: "CheckRun", field, code: "invalid" });
  return at;
}
