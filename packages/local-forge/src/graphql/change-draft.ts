import type { Forge } from "../forge.ts";
import type { Viewer } from "../storage/accounts.ts";
import { recordEvent } from "../storage/events.ts";
import { issueById } from "../storage/issues.ts";
import { findPull, type Pull, setPullDraft } from "../storage/pulls.ts";
import { permissionOf, type Repository, reaches, repositoryById } from "../storage/repositories.ts";
import { nodeId } from "../views/shared.ts";
import { queryFailure } from "./query-failure.ts";
import { resolvePull } from "./repository.ts";

/** Makes a pull request a draft, or ready: GitHub offers this in GraphQL only. */
export function changeDraft(
  forge: Forge,
  viewer: Viewer,
  input: { pullRequestId: string; clientMutationId?: string | null },
  isDraft: boolean,
) {
  const { repository, pull } = pullOfNode(forge, viewer, input.pullRequestId);
  const mayWrite = reaches(permissionOf(forge.db, repository, viewer.user), "write");
  if (viewer.scope === "read" || !(mayWrite || pull.author_id === viewer.user.id)) {
    throw queryFailure("FORBIDDEN", "Resource not accessible by personal access token");
  }
  if (pull.state === "open" && (pull.is_draft === 1) !== isDraft) {
    forge.db.atomically(() => {
      setPullDraft(forge.db, pull, isDraft, forge.now());
      recordEvent(forge.db, pull.id, viewer.user, isDraft ? "convert_to_draft" : "ready_for_review", forge.now());
    });
  }
  const changed = findPull(forge.db, repository, pull.number) as Pull;
  return { clientMutationId: input.clientMutationId ?? null, pullRequest: resolvePull(forge, repository, changed) };
}

function pullOfNode(forge: Forge, viewer: Viewer, node: string): { repository: Repository; pull: Pull } {
  const missing = queryFailure("NOT_FOUND", `Could not resolve to a node with the global id of '${node}'`);
  const [, id = "0"] = /^PullRequest:(\d+)$/.exec(Buffer.from(node, "base64url").toString("utf8")) ?? [];
  const issue = issueById(forge.db, Number(id));
  if (!issue || node !== nodeId("PullRequest", id)) throw missing;
  const repository = repositoryById(forge.db, issue.repository_id);
  const pull = findPull(forge.db, repository, issue.number);
  if (!pull || !reaches(permissionOf(forge.db, repository, viewer.user), "read")) throw missing;
  return { repository, pull };
}
