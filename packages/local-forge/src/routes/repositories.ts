import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { type ApiEnv, repositoryOf, viewerOf } from "../http/call.ts";
import type { RateLimit } from "../http/rate-limit.ts";
import { invalid, notFound } from "../http/refusal.ts";
import { userByLogin } from "../storage/accounts.ts";
import { listIssues } from "../storage/issues.ts";
import { findRepository, permissionOf, reaches } from "../storage/repositories.ts";
import { viewIssue } from "../views/issue.ts";
import { viewRepository } from "../views/repository.ts";
import { viewSelf, viewUser } from "../views/user.ts";

export function repositoryRoutes(api: Hono<ApiEnv>, forge: Forge, rate: RateLimit): void {
  api.get("/user", (c) => c.json(viewSelf(forge, viewerOf(c).user)));

  api.get("/rate_limit", (c) => {
    const credential = String(viewerOf(c).tokenId);
    const core = rate.state(credential, "core");
    const resources = { core, search: rate.state(credential, "search"), graphql: rate.state(credential, "graphql") };
    return c.json({ resources, rate: core });
  });

  api.get("/repos/:owner/:repo", (c) => {
    const { repository, permission } = repositoryOf(forge, c);
    return c.json(viewRepository(forge, repository, permission));
  });

  api.get("/repos/:owner/:repo/collaborators/:login/permission", (c) => {
    const { repository } = repositoryOf(forge, c);
    const user = userByLogin(forge.db, c.req.param("login"));
    if (!user) throw notFound();
    const level = permissionOf(forge.db, repository, user);
    const allows = {
      admin: level === "admin",
      maintain: reaches(level, "maintain"),
      push: reaches(level, "write"),
      triage: reaches(level, "triage"),
      pull: reaches(level, "read"),
    };
    return c.json({
      permission: legacyPermission(level),
      user: { ...viewUser(forge, user), permissions: allows, role_name: level },
      role_name: level,
    });
  });

  // A small part of GitHub's search: `repo:o/n`, `is:issue|pr|open|closed`, `label:x`, `author:x`, and words of the title.
  api.get("/search/issues", (c) => {
    const { user } = viewerOf(c);
    const query = parseSearch(c.req.query("q") ?? "");
    const [owner = "", name = ""] = (query.repo ?? "").split("/");
    const repository = findRepository(forge.db, owner, name);
    if (!repository || !reaches(permissionOf(forge.db, repository, user), "read")) {
      throw invalid({ resource: "Search", field: "q", code: "invalid" });
    }
    const { rows } = listIssues(forge.db, repository, {
      state: query.state,
      labels: query.labels,
      creator: query.author,
      since: null,
      sort: "created",
      direction: "desc",
      page: 1,
      perPage: 1000,
    });
    const found = rows.filter(
      (issue) =>
        (query.isPull === null || query.isPull === (issue.is_pull === 1)) &&
        query.words.every((word) => `${issue.title}\n${issue.body ?? ""}`.toLowerCase().includes(word)),
    );
    const items = found.slice(0, 100).map((issue) => ({ ...viewIssue(forge, repository, issue), score: 1 }));
    return c.json({ total_count: found.length, incomplete_results: false, search_type: "lexical", items });
  });
}

/** GitHub's older field knows no triage and maintain. */
function legacyPermission(level: string): string {
  if (level === "maintain") return "write";
  return level === "triage" ? "read" : level;
}

interface Search {
  repo: string | null;
  author: string | null;
  state: "open" | "closed" | "all";
  isPull: boolean | null;
  labels: string[];
  words: string[];
}

function parseSearch(text: string): Search {
  const search: Search = { repo: null, author: null, state: "all", isPull: null, labels: [], words: [] };
  for (const [, qualifier, quoted, bare] of text.matchAll(/(?:(\w+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = (quoted ?? bare ?? "").toLowerCase();
    if (qualifier === "repo") search.repo = value;
    else if (qualifier === "author") search.author = value;
    else if (qualifier === "label") search.labels.push(value);
    else if (value === "open" || value === "closed") search.state = value;
    else if (value === "issue" || value === "pr") search.isPull = value === "pr";
    else if (qualifier === undefined) search.words.push(value);
  }
  return search;
}
