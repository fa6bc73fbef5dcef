import type { Forge } from "../forge.ts";
import { Refusal } from "../http/refusal.ts";
import { userById } from "../storage/accounts.ts";
import { rulesOfBranch } from "../storage/branch-rules.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import {
  leaveQueue,
  putWaitingMerge,
  removeWaitingMerge,
  type WaitingMerge,
  waitingMerges,
} from "../storage/waiting-merges.ts";
import { unmetRule } from "./decide-mergeable-state.ts";
import { mergeFacts } from "./merge-facts.ts";
import { mergePull } from "./merge-pull.ts";

/**
 * Merges what waits for the rules of its base and meets them now; where the base has a queue it goes into that. Call
 * after whatever may have met a rule, outside of the repository's turn.
 */
export async function mergeWaiting(forge: Forge, repository: Repository): Promise<void> {
  if (waitingMerges(forge.db, repository, "auto").length === 0) return;
  await forge.exclusively(repository, async () => {
    for (const waiting of waitingMerges(forge.db, repository, "auto")) {
      const pull = stillOpen(forge, repository, waiting);
      if (pull === null || unmetRule(await mergeFacts(forge, repository, pull)) !== null) continue;
      const by = userById(forge.db, waiting.by_id);
      if (rulesOfBranch(forge.db, repository, pull.base_ref)?.mergeQueue) {
        putWaitingMerge(forge.db, pull, by, { ...waiting, way: "queue" }, forge.now());
      } else await mergeOne(forge, repository, waiting);
    }
  });
}

/** Merges what stands in the queues of the repository, in order; what cannot be merged leaves them. Answers what was. */
export async function runMergeQueue(forge: Forge, repository: Repository): Promise<number[]> {
  const merged: number[] = [];
  await forge.exclusively(repository, async () => {
    for (const waiting of waitingMerges(forge.db, repository, "queue")) {
      if (stillOpen(forge, repository, waiting) === null) continue;
      if (await mergeOne(forge, repository, waiting)) merged.push(waiting.number);
      else leaveQueue(forge.db, waiting, userById(forge.db, waiting.by_id), forge.now());
    }
  });
  return merged;
}

/** Null, and forgotten, when it was closed meanwhile. */
function stillOpen(forge: Forge, repository: Repository, waiting: WaitingMerge): Pull | null {
  const pull = findPull(forge.db, repository, waiting.number);
  if (pull?.state === "open") return pull;
  removeWaitingMerge(forge.db, waiting.issue_id);
  return null;
}

async function mergeOne(forge: Forge, repository: Repository, waiting: WaitingMerge): Promise<boolean> {
  const { number, method, title, message } = waiting;
  try {
    await mergePull(forge, repository, userById(forge.db, waiting.by_id), {
      number,
      method,
      title,
      message,
      sha: null,
    });
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
  removeWaitingMerge(forge.db, waiting.issue_id);
  return true;
}
