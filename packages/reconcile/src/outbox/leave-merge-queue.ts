import { type Deliverer, ForgeError, type Json, type OutboxBodies, type OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { notSeenYet } from "./refusal.ts";

/**
 * Result: `{ number, left }`. The forge is read before and after, and after a no: what stands there no more needs
 * nothing, and what a person put there, before or since, is left to them. (The weakness: a person who takes it out and
 * puts it there again between our look and our request, by the account we write with, is undone.)
 */
export function leaveMergeQueue(forge: Pick<ForgeWrites, "queueing" | "dequeue">): Deliverer {
  return {
    async deliver(row) {
      const { number } = bodyOf(row);
      const { nodeId, isQueuedByUs } = await forge.queueing(number);
      if (!isQueuedByUs) return result(number, false);
      try {
        await forge.dequeue(nodeId);
      } catch (error) {
        if (!isNo(error) || (await forge.queueing(number)).isQueuedByUs) throw error;
        return result(number, false);
      }
      if ((await forge.queueing(number)).isQueuedByUs) {
        throw notSeenYet(`Pull request ${number} still shows in the merge queue.`);
      }
      return result(number, true);
    },
    async settle(row) {
      const { number } = bodyOf(row);
      return (await forge.queueing(number)).isQueuedByUs ? null : result(number, true);
    },
  };
}

const result = (number: number, left: boolean): Json => ({ number, left });

const isNo = (error: unknown): boolean =>
  error instanceof ForgeError && error.failure === "refused" && error.details.status !== 401;

function bodyOf(row: OutboxRow): OutboxBodies["leave-merge-queue"] {
  return row.body as OutboxBodies["leave-merge-queue"];
}
