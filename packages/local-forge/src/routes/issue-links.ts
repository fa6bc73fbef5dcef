import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { readBody } from "../http/body.ts";
import { type ApiContext, type ApiEnv, issueOf, numberParam, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { invalid, notFound } from "../http/refusal.ts";
import type { User } from "../storage/accounts.ts";
import { recordEvent } from "../storage/events.ts";
import {
  addDependency,
  addSubIssue,
  blockedBy,
  blockersOf,
  isBelow,
  parentOf,
  removeDependency,
  removeSubIssue,
  subIssuesOf,
  waitsFor,
} from "../storage/issue-links.ts";
import { type Issue, issueById, touchIssue } from "../storage/issues.ts";
import { permissionOf, reaches, repositoryById } from "../storage/repositories.ts";
import { viewIssue } from "../views/issue.ts";

/** Dependencies and sub-issues. Both may reach into other repositories the caller can read. */
export function issueLinkRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  const one = "/repos/:owner/:repo/issues/:number{[0-9]+}";
  const dependencies = `${one}/dependencies`;

  api.get(`${dependencies}/blocked_by`, (c) => answerIssues(c, blockersOf));
  api.get(`${dependencies}/blocking`, (c) => answerIssues(c, blockedBy));
  api.get(`${one}/sub_issues`, (c) => answerIssues(c, subIssuesOf));

  api.post(`${dependencies}/blocked_by`, (c) => {
    const { issue, user } = changing(c);
    const blocker = issueNamed(c, idField(c, "issue_id"));
    if (blocker.id === issue.id) throw refused("An issue cannot be blocked by itself");
    if (waitsFor(forge.db, blocker, issue)) throw refused("Circular dependencies are not allowed");
    if (blockersOf(forge.db, issue.id).some((known) => known.id === blocker.id)) {
      throw refused("Issue is already blocked by this issue");
    }
    forge.db.atomically(() => {
      addDependency(forge.db, issue, blocker, forge.now());
      note(issue, user, "blocked_by_added");
      note(blocker, user, "blocking_added");
    });
    return c.json(shown(blocker), 201);
  });

  api.delete(`${dependencies}/blocked_by/:id{[0-9]+}`, (c) => {
    const { issue, user } = changing(c);
    const blocker = issueNamed(c, numberParam(c, "id"));
    if (!blockersOf(forge.db, issue.id).some((known) => known.id === blocker.id)) throw notFound();
    forge.db.atomically(() => {
      removeDependency(forge.db, issue, blocker);
      note(issue, user, "blocked_by_removed");
      note(blocker, user, "blocking_removed");
    });
    return c.json(shown(blocker));
  });

  api.post(`${one}/sub_issues`, (c) => {
    const { issue: parent, user } = changing(c);
    const child = issueNamed(c, idField(c, "sub_issue_id"));
    const before = parentOf(forge.db, child.id);
    if (before && !readBody(c.env.call.body, "SubIssue").flag("replace_parent")) {
      throw refused("Issue may only have one parent");
    }
    if (child.id === parent.id || isBelow(forge.db, parent, child)) throw refused("Sub-issues may not form a circle");
    forge.db.atomically(() => {
      if (before) detach(before, child, user);
      addSubIssue(forge.db, parent, child);
      note(parent, user, "sub_issue_added");
      note(child, user, "parent_issue_added");
    });
    return c.json(shown(child), 201);
  });

  api.delete(`${one}/sub_issue`, (c) => {
    const { issue: parent, user } = changing(c);
    const child = issueNamed(c, idField(c, "sub_issue_id"));
    if (parentOf(forge.db, child.id)?.id !== parent.id) throw notFound();
    forge.db.atomically(() => detach(parent, child, user));
    return c.json(shown(child));
  });

  function answerIssues(c: ApiContext, read: typeof blockersOf): Response {
    const { repository } = repositoryOf(forge, c);
    const issues = read(forge.db, issueOf(forge, c, repository).id);
    return answerSlice(
      c,
      issues.filter((issue) => isVisible(c, issue)),
      shown,
    );
  }

  function changing(c: ApiContext): { issue: Issue; user: User } {
    const { repository, viewer } = repositoryOf(forge, c, "triage");
    return { issue: issueOf(forge, c, repository), user: viewer.user };
  }

  /** The global id of an issue: its number says nothing without the repository. */
  function issueNamed(c: ApiContext, id: number): Issue {
    const issue = issueById(forge.db, id);
    if (!issue || issue.is_deleted === 1 || issue.is_pull === 1 || !isVisible(c, issue)) throw notFound();
    return issue;
  }

  function isVisible(c: ApiContext, issue: Issue): boolean {
    const user = c.env.call.viewer?.user;
    const repository = repositoryById(forge.db, issue.repository_id);
    return user !== undefined && reaches(permissionOf(forge.db, repository, user), "read");
  }

  function detach(parent: Issue, child: Issue, user: User): void {
    removeSubIssue(forge.db, child);
    note(parent, user, "sub_issue_removed");
    note(child, user, "parent_issue_removed");
  }

  function note(issue: Issue, user: User, event: string): void {
    recordEvent(forge.db, issue.id, user, event, forge.now());
    touchIssue(forge.db, issue.id, forge.now());
  }

  function shown(issue: Issue) {
    return viewIssue(forge, repositoryById(forge.db, issue.repository_id), issueById(forge.db, issue.id));
  }
}

function idField(c: ApiContext, field: string): number {
  const id = (c.env.call.body as Record<string, unknown> | undefined)?.[field];
  if (typeof id === "number" && Number.isSafeInteger(id)) return id;
  throw invalid({ resource: "Issue", field, code: id === undefined ? "missing_field" : "invalid" });
}

function refused(message: string) {
  return invalid({ resource: "Issue", code: "custom", message });
}
