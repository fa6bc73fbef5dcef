import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Forge } from "../forge.ts";
import type { Viewer } from "../storage/accounts.ts";
import { findIssue, type Issue } from "../storage/issues.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import { findRepository, type Permission, permissionOf, type Repository, reaches } from "../storage/repositories.ts";
import { notFound, Refusal } from "./refusal.ts";

/** What is known of a request before its route runs, and what the route says about its answer. */
export interface Call {
  readonly viewer: Viewer | null;
  readonly body: unknown;
  /** What the ETag is made from, when that is not the whole body. */
  etagSeed?: string;
  /** Set by GraphQL, where the method does not tell. */
  isMutation?: boolean;
}

export type ApiEnv = { Bindings: HttpBindings & { call: Call } };
export type ApiContext = Context<ApiEnv>;

export function viewerOf(c: ApiContext): Viewer {
  if (!c.env.call.viewer) throw new Refusal(401, "Requires authentication");
  return c.env.call.viewer;
}

export interface RepositoryAccess {
  readonly repository: Repository;
  readonly viewer: Viewer;
  readonly permission: Permission;
}

/** The repository in the path when the caller may do what `needed` asks; 404 hides what the caller may not see. */
export function repositoryOf(forge: Forge, c: ApiContext, needed: Permission = "read"): RepositoryAccess {
  const { viewer } = c.env.call;
  const repository = findRepository(forge.db, c.req.param("owner") ?? "", c.req.param("repo") ?? "");
  if (!repository || !viewer) throw notFound();
  const permission = permissionOf(forge.db, repository, viewer.user);
  if (!reaches(permission, "read")) throw notFound();
  const isWrite = c.req.method !== "GET" && c.req.method !== "HEAD";
  if ((isWrite && viewer.scope === "read") || !reaches(permission, needed)) throw forbidden();
  return { repository, viewer, permission };
}

export function forbidden(): Refusal {
  return new Refusal(403, "Resource not accessible by personal access token");
}

export function issueOf(forge: Forge, c: ApiContext, repository: Repository): Issue {
  const issue = findIssue(forge.db, repository, numberParam(c, "number"));
  if (!issue) throw notFound();
  if (issue.is_deleted) throw new Refusal(410, "This issue was deleted");
  return issue;
}

export function pullOf(forge: Forge, c: ApiContext, repository: Repository): Pull {
  const pull = findPull(forge.db, repository, numberParam(c, "number"));
  if (!pull) throw notFound();
  return pull;
}

export function numberParam(c: ApiContext, name: string): number {
  const text = c.req.param(name) ?? "";
  if (!/^\d{1,15}$/.test(text)) throw notFound();
  return Number(text);
}
