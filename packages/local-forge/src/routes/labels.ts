import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, issueOf, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { invalid, notFound, Refusal } from "../http/refusal.ts";
import { addLabels, removeLabels, replaceLabels } from "../issue-changes.ts";
import {
  deleteLabel,
  findLabel,
  insertLabel,
  type Label,
  labelsOfIssue,
  labelsOfRepository,
  updateLabel,
} from "../storage/labels.ts";
import type { Repository } from "../storage/repositories.ts";
import { viewLabel } from "../views/issue.ts";

export function labelRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  repositoryLabelRoutes(api, forge);
  issueLabelRoutes(api, forge);
}

function repositoryLabelRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const all = "/repos/:owner/:repo/labels";
  const one = "/repos/:owner/:repo/labels/:name{.+}";

  api.get(all, (c) => {
    const { repository } = repositoryOf(forge, c);
    return answerSlice(c, labelsOfRepository(forge.db, repository), (label) => viewLabel(forge, repository, label));
  });

  api.post(all, (c) => {
    const { repository } = repositoryOf(forge, c, "write");
    const body = readBody(c.env.call.body, "Label");
    const wanted = {
      name: labelName(body.requiredText("name")),
      color: labelColor(body.text("color") ?? "ededed"),
      description: labelDescription(body.text("description")),
    };
    const label = forge.db.atomically(() => {
      refuseTaken(repository, wanted.name, null);
      return insertLabel(forge.db, repository, wanted);
    });
    const shown = viewLabel(forge, repository, label);
    return c.json(shown, 201, { Location: shown.url });
  });

  api.get(one, (c) => {
    const { repository } = repositoryOf(forge, c);
    return c.json(viewLabel(forge, repository, labelOf(forge, c, repository)));
  });

  api.patch(one, (c) => {
    const { repository } = repositoryOf(forge, c, "write");
    const label = labelOf(forge, c, repository);
    const body = readBody(c.env.call.body, "Label");
    const changed = {
      id: label.id,
      name: body.has("new_name") ? labelName(body.requiredText("new_name")) : label.name,
      color: labelColor(body.text("color") ?? label.color),
      description: body.has("description") ? labelDescription(body.text("description")) : label.description,
    };
    forge.db.atomically(() => {
      refuseTaken(repository, changed.name, label);
      updateLabel(forge.db, changed);
    });
    return c.json(viewLabel(forge, repository, changed));
  });

  api.delete(one, (c) => {
    const { repository } = repositoryOf(forge, c, "write");
    deleteLabel(forge.db, labelOf(forge, c, repository));
    return c.body(null, 204);
  });

  function refuseTaken(repository: Repository, name: string, except: Label | null): void {
    const taken = findLabel(forge.db, repository, name);
    if (taken && taken.id !== except?.id) throw invalid({ resource: "Label", field: "name", code: "already_exists" });
  }
}

function issueLabelRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const all = "/repos/:owner/:repo/issues/:number{[0-9]+}/labels";

  api.get(all, (c) => {
    const { repository } = repositoryOf(forge, c);
    const labels = labelsOfIssue(forge.db, issueOf(forge, c, repository).id);
    return answerSlice(c, labels, (label) => viewLabel(forge, repository, label));
  });

  api.post(all, (c) => changeLabels(c, addLabels));
  api.put(all, (c) => changeLabels(c, replaceLabels));

  api.delete(all, (c) => {
    const { repository, viewer } = repositoryOf(forge, c, "triage");
    const issue = issueOf(forge, c, repository);
    forge.db.atomically(() => removeLabels(forge, issue, viewer.user, labelsOfIssue(forge.db, issue.id)));
    return c.body(null, 204);
  });

  api.delete(`${all}/:name{.+}`, (c) => {
    const { repository, viewer } = repositoryOf(forge, c, "triage");
    const issue = issueOf(forge, c, repository);
    const name = (c.req.param("name") ?? "").toLowerCase();
    const label = labelsOfIssue(forge.db, issue.id).find((one) => one.name.toLowerCase() === name);
    if (!label) throw new Refusal(404, "Label does not exist");
    forge.db.atomically(() => removeLabels(forge, issue, viewer.user, [label]));
    return c.json(labelsOfIssue(forge.db, issue.id).map((one) => viewLabel(forge, repository, one)));
  });

  function changeLabels(c: ApiContext, change: typeof addLabels): Response {
    const { repository, viewer } = repositoryOf(forge, c, "triage");
    const issue = issueOf(forge, c, repository);
    const names = wantedLabels(c.env.call.body);
    forge.db.atomically(() => change(forge, repository, issue, viewer.user, names));
    return c.json(labelsOfIssue(forge.db, issue.id).map((label) => viewLabel(forge, repository, label)));
  }
}

/** GitHub takes `{labels: [...]}`, a bare list, and a single text. */
function wantedLabels(body: unknown): string[] {
  const list = Array.isArray(body) ? body : typeof body === "string" ? [body] : null;
  return readBody(list ? { labels: list } : body, "Label").texts("labels") ?? [];
}

function labelOf(forge: Forge, c: ApiContext, repository: Repository): Label {
  const label = findLabel(forge.db, repository, c.req.param("name") ?? "");
  if (!label) throw notFound();
  return label;
}

function labelName(name: string): string {
  if (name.length <= 50) return name;
  const message = "name is too long (maximum is 50 characters)";
  throw invalid({ resource: "Label", field: "name", code: "custom", message });
}

function labelColor(color: string): string {
  if (/^[\da-f]{6}$/i.test(color)) return color.toLowerCase();
  throw invalid({ resource: "Label", field: "color", code: "invalid" });
}

function labelDescription(description: string | null): string | null {
  if (description === null || description.length <= 100) return description;
  throw invalid({ resource: "Label", field: "description", code: "invalid" });
}
