import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, forbidden, issueOf, repositoryOf } from "../http/call.ts";
import { addLinks, answerSlice, pageOf } from "../http/pagination.ts";
import { invalid, Refusal } from "../http/refusal.ts";
import { addLabels, changeIssueState, replaceLabels } from "../issue-changes.ts";
import { userByLogin } from "../storage/accounts.ts";
import { recordBodyEdit } from "../storage/body-edits.ts";
import { eventsOfIssue, recordEvent } from "../storage/events.ts";
import { insertIssue, issueById, listIssues, updateIssueText } from "../storage/issues.ts";
import { type Repository, reaches } from "../storage/repositories.ts";
import { viewEvent } from "../views/event.ts";
import { viewIssue } from "../views/issue.ts";

const maximumBody = 65_536;

export function issueRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  api.get("/repos/:owner/:repo/issues", (c) => {
    const { repository } = repositoryOf(forge, c);
    const page = pageOf(c);
    const { rows, total } = listIssues(forge.db, repository, { ...issueFilter(forge, c), ...page });
    addLinks(c, page, total);
    return c.json(rows.map((issue) => viewIssue(forge, repository, issue)));
  });

  api.post("/repos/:owner/:repo/issues", (c) => {
    const { repository, viewer, permission } = repositoryOf(forge, c);
    refuseWithoutIssues(repository);
    const body = readBody(c.env.call.body, "Issue");
    const title = issueTitle(body.requiredText("title"));
    const text = issueText(body.text("body"));
    const labels = body.texts("labels") ?? [];
    const issue = forge.db.atomically(() => {
      const made = insertIssue(
        forge.db,
        repository,
        { title, body: text, author: viewer.user, isPull: false },
        forge.now(),
      );
      // Without triage rights GitHub drops the labels without a word.
      if (reaches(permission, "triage")) addLabels(forge, repository, made, viewer.user, labels);
      return issueById(forge.db, made.id);
    });
    const shown = viewIssue(forge, repository, issue);
    return c.json(shown, 201, { Location: shown.url });
  });

  api.get("/repos/:owner/:repo/issues/:number{[0-9]+}", (c) => {
    const { repository } = repositoryOf(forge, c);
    return c.json(viewIssue(forge, repository, issueOf(forge, c, repository)));
  });

  api.patch("/repos/:owner/:repo/issues/:number{[0-9]+}", (c) => {
    const { repository, viewer, permission } = repositoryOf(forge, c);
    const issue = issueOf(forge, c, repository);
    if (issue.author_id !== viewer.user.id && !reaches(permission, "triage")) throw forbidden();
    const body = readBody(c.env.call.body, "Issue");
    const title = body.has("title") ? issueTitle(body.requiredText("title")) : issue.title;
    const text = body.has("body") ? issueText(body.text("body")) : issue.body;
    const state = body.oneOf("state", ["open", "closed"]);
    const reason = body.oneOf("state_reason", ["completed", "not_planned", "duplicate", "reopened"]);
    const labels = body.texts("labels");
    const changed = forge.db.atomically(() => {
      if (title !== issue.title) {
        const rename = { from: issue.title, to: title };
        recordEvent(forge.db, issue.id, viewer.user, "renamed", forge.now(), { rename });
      }
      if (title !== issue.title || text !== issue.body) {
        updateIssueText(forge.db, issue, { title, body: text }, forge.now());
      }
      if (text !== issue.body) recordBodyEdit(forge.db, "issue", issue.id, viewer.user, forge.now());
      if (state !== null) changeIssueState(forge, issue, viewer.user, { state, reason });
      if (labels !== null && reaches(permission, "triage")) {
        replaceLabels(forge, repository, issue, viewer.user, labels);
      }
      return issueById(forge.db, issue.id);
    });
    return c.json(viewIssue(forge, repository, changed));
  });

  api.get("/repos/:owner/:repo/issues/:number{[0-9]+}/events", (c) => {
    const { repository } = repositoryOf(forge, c);
    const events = eventsOfIssue(forge.db, issueOf(forge, c, repository).id);
    return answerSlice(c, events, (event) => viewEvent(forge, repository, event));
  });
}

function refuseWithoutIssues(repository: Repository): void {
  if (repository.has_issues === 0) throw new Refusal(410, "Issues has been disabled in this repository.");
}

function issueTitle(title: string): string {
  if (title.length <= 256) return title;
  throw invalid({
    resource: "Issue",
    field: "title",
    code: "custom",
    message: "title is too long (maximum is 256 characters)",
  });
}

export function issueText(body: string | null): string | null {
  if (body === null || body.length <= maximumBody) return body;
  throw invalid({
    resource: "Issue",
    field: "body",
    code: "custom",
    message: "body is too long (maximum is 65536 characters)",
  });
}

function issueFilter(forge: Forge, c: ApiContext) {
  const creator = c.req.query("creator") ?? null;
  if (creator !== null && !userByLogin(forge.db, creator)) {
    throw invalid({ resource: "Search", field: "creator", code: "invalid" });
  }
  return {
    state: choice(c, "state", ["open", "closed", "all"]),
    sort: choice(c, "sort", ["created", "updated", "comments"]),
    direction: choice(c, "direction", ["desc", "asc"]),
    labels: [
      ...new Set(
        (c.req.query("labels") ?? "")
          .split(",")
          .filter((name) => name !== "")
          .map(lowerCase),
      ),
    ],
    creator,
    since: instantQuery(c, "since"),
  } as const;
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}

/** The named query value; the first allowed one when it is not given, 422 when it is none of them. */
export function choice<T extends string>(c: ApiContext, name: string, allowed: readonly [T, ...T[]]): T {
  const given = c.req.query(name) ?? allowed[0];
  const found = allowed.find((one) => one === given);
  if (found === undefined) throw invalid({ resource: "Issue", field: name, code: "invalid" });
  return found;
}

export function instantQuery(c: ApiContext, name: string): number | null {
  const text = c.req.query(name);
  if (text === undefined || text === "") return null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw invalid({ resource: "Issue", field: name, code: "invalid" });
  return at;
}
