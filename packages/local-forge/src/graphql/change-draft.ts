import type { Forge } from "../forge.ts";
import type { Viewer } from "../storage/accounts.ts";
import { recordEvent } from "../storage/events.ts";
import { findPull, type Pull, setPullDraft } from "../storage/pulls.ts";
import { permissionOf, reaches } from "../storage/repositories.ts";
import { pullOfNode } from "./pull-of-node.ts";
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
