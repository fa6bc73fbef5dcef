import { ForgeError } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import type { WantedMerge } from "../github/pull-request-writes.ts";
import { renamed } from "./refusal.ts";

/**
 * Hands a pull request to its base's merge queue. False: there is no queue, so it is merged at once. The queue lets go
 * of what somebody pushes to. The forge's auto-merge does not: it would merge a later push that nobody has reviewed, so
 * it is never switched on from here; one that a person switched on is left to do its work.
 */
export async function mergeByQueue(
  forge: Pick<ForgeWrites, "queueing" | "enqueue">,
  number: number,
  merge: WantedMerge,
): Promise<boolean> {
  const { nodeId, hasQueue, isWaiting } = await forge.queueing(number);
  if (isWaiting) return true;
  if (!hasQueue) return false;
  try {
    await forge.enqueue(nodeId, merge.sha);
    return true;
  } catch (error) {
    if (error instanceof ForgeError && error.failure === "refused" && error.details.status !== 401) {
      throw renamed(error, "not-mergeable");
    }
    throw error;
  }
}
