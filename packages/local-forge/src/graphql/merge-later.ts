import type { Forge } from "../forge.ts";
import type { MergeMethod } from "../git/merging.ts";
import { mergedTree } from "../git/merging.ts";
import { unmetRule } from "../pulls/decide-mergeable-state.ts";
import { mergeFacts } from "../pulls/merge-facts.ts";
import type { Viewer } from "../storage/accounts.ts";
import { rulesOfBranch } from "../storage/branch-rules.ts";
import { recordedBranch } from "../storage/branches.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import { permissionOf, type Repository, reaches } from "../storage/repositories.ts";
import { leaveQueue, putWaitingMerge, waitingMergeOf } from "../storage/waiting-merges.ts";
import { pullOfNode } from "./pull-of-node.ts";
import { queryFailure } from "./query-failure.ts";
import { resolveEntry, resolvePull } from "./repository.ts";

interface Input {
  readonly pullRequestId: string;
  readonly expectedHeadOid?: string | null;
  readonly clientMutationId?: string | null;
}

interface AutoMergeInput extends Input {
  readonly mergeMethod?: string | null;
  readonly commitHeadline?: string | null;
  readonly commitBody?: string | null;
}

/** Has the forge merge a pull request once the rules of its base hold. One that could go in now is refused. */
export async function enableAutoMerge(forge: Forge, viewer: Viewer, input: AutoMergeInput) {
  const { repository, pull } = waitingPull(forge, viewer, input);
  if (await isReady(forge, repository, pull)) throw unprocessable("Pull request Pull request is in clean status");
  const method = (input.mergeMethod ?? "MERGE").toLowerCase() as MergeMethod;
  const texts = { title: input.commitHeadline ?? null, message: input.commitBody ?? null };
  putWaitingMerge(forge.db, pull, viewer.user, { way: "auto", method, ...texts }, forge.now());
  const changed = findPull(forge.db, repository, pull.number) as Pull;
  return { clientMutationId: input.clientMutationId ?? null, pullRequest: resolvePull(forge, repository, changed) };
}

/** Puts a pull request that meets the rules of its base into the base's queue. */
export async function enqueuePull(forge: Forge, viewer: Viewer, input: Input) {
  const { repository, pull } = waitingPull(forge, viewer, input);
  if (!rulesOfBranch(forge.db, repository, pull.base_ref)?.mergeQueue) {
    throw unprocessable("Pull request Merge queue is not enabled for the base branch");
  }
  if (!(await isReady(forge, repository, pull))) throw unprocessable("Pull request is not in a mergeable state");
  const plain = { method: "merge", title: null, message: null } as const;
  putWaitingMerge(forge.db, pull, viewer.user, { way: "queue", ...plain }, forge.now());
  return { clientMutationId: input.clientMutationId ?? null, mergeQueueEntry: resolveEntry(forge, repository, pull) };
}

/** Takes it out of the queue, whoever put it there. */
export function dequeuePull(
  forge: Forge,
  viewer: Viewer,
  input: { readonly id: string; readonly clientMutationId?: string | null },
) {
  const { repository, pull } = writablePull(forge, viewer, input.id);
  const waiting = waitingMergeOf(forge.db, pull.id);
  if (waiting?.way !== "queue") throw unprocessable("Pull request is not in the merge queue");
  const mergeQueueEntry = resolveEntry(forge, repository, pull);
  forge.db.atomically(() => leaveQueue(forge.db, waiting, viewer.user, forge.now()));
  return { clientMutationId: input.clientMutationId ?? null, mergeQueueEntry };
}

function waitingPull(forge: Forge, viewer: Viewer, input: Input): { repository: Repository; pull: Pull } {
  const { repository, pull } = writablePull(forge, viewer, input.pullRequestId);
  if (pull.state === "closed") throw unprocessable("Pull request is closed");
  if ((input.expectedHeadOid ?? pull.head_sha) !== pull.head_sha) {
    throw unprocessable("Expected head oid is not the current head oid");
  }
  return { repository, pull };
}

function writablePull(forge: Forge, viewer: Viewer, node: string): { repository: Repository; pull: Pull } {
  const found = pullOfNode(forge, viewer, node);
  if (viewer.scope === "read" || !reaches(permissionOf(forge.db, found.repository, viewer.user), "write")) {
    throw queryFailure("FORBIDDEN", "Resource not accessible by personal access token");
  }
  return found;
}

async function isReady(forge: Forge, repository: Repository, pull: Pull): Promise<boolean> {
  if (pull.is_draft === 1 || unmetRule(await mergeFacts(forge, repository, pull)) !== null) return false;
  const base = recordedBranch(forge.db, repository, pull.base_ref);
  if (!base) return false;
  return (await mergedTree(forge.git, forge.gitPath(repository), base.sha, pull.head_sha)) !== null;
}

function unprocessable(message: string) {
  return queryFailure("UNPROCESSABLE", message);
}
