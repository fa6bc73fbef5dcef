import type { Forge } from "../forge.ts";
import type { Viewer } from "../storage/accounts.ts";
import { issueById } from "../storage/issues.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import { permissionOf, type Repository, reaches, repositoryById } from "../storage/repositories.ts";
import { nodeId } from "../views/shared.ts";
import { queryFailure } from "./query-failure.ts";

/** The pull request a global id names, when the viewer may see it. */
export function pullOfNode(forge: Forge, viewer: Viewer, node: string): { repository: Repository; pull: Pull } {
  const missing = queryFailure("NOT_FOUND", `Could not resolve to a node with the global id of '${node}'`);
  const [, id = "0"] = /^PullRequest:(\d+)$/.exec(Buffer.from(node, "base64url").toString("utf8")) ?? [];
  const issue = issueById(forge.db, Number(id));
  if (!issue || node !== nodeId("PullRequest", id)) throw missing;
  const repository = repositoryById(forge.db, issue.repository_id);
  const pull = findPull(forge.db, repository, issue.number);
  if (!pull || !reaches(permissionOf(forge.db, repository, viewer.user), "read")) throw missing;
  return { repository, pull };
}
