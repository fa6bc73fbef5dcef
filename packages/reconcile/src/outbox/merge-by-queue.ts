import { ForgeError } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import type { WantedMerge } from "../github/pull-request-writes.ts";
import { renamed } from "./refusal.ts";

/**
 * Hands a pull request to its base's merge queue, or has the forge merge it once the rules hold. False: there is no
 * queue and nothing to wait for, so it is merged at once. A queue takes only what meets the rules; before that
 * auto-merge puts it there in time.
 */
export async function mergeByQueue(
  forge: Pick<ForgeWrites, "queueing" | "enqueue" | "enableAutoMerge">,
  number: number,
  merge: WantedMerge,
): Promise<boolean> {
  const { nodeId, hasQueue, isWaiting } = await forge.queueing(number);
  if (isWaiting) return true;
  if (hasQueue && (await isTaken(() => forge.enqueue(nodeId, merge.sha)))) return true;
  try {
    await forge.enableAutoMerge(nodeId, merge);
    return true;
  } catch (error) {
    if (!isDefinite(error)) throw error;
    if (!hasQueue && nothingToWaitFor.test(error.message)) return false;
    throw renamed(error, "not-mergeable");
  }
}

// `unstable`: only checks that the base does not ask for are missing.
const nothingToWaitFor = /in (?:clean|unstable|has_hooks) status|branch rules not configured/i;

async function isTaken(send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    if (!isDefinite(error)) throw error;
    return false;
  }
}

function isDefinite(error: unknown): error is ForgeError {
  return error instanceof ForgeError && error.failure === "refused" && error.details.status !== 401;
}
