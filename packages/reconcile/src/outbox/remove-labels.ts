import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { hasLabel } from "./has-label.ts";

/**
 * Result: `{ labels }`. One request a label; one that is not there is done. A try that broke off in the middle is
 * simply done again: the removed ones stay removed.
 */
export function removeLabels(forge: Pick<ForgeWrites, "removeLabel" | "labels">): Deliverer {
  return {
    async deliver(row) {
      const { number, labels } = bodyOf(row);
      for (const label of labels) await forge.removeLabel(number, label);
      return { labels };
    },
    async settle(row) {
      const { number, labels } = bodyOf(row);
      const there = await forge.labels(number);
      return labels.some((label) => hasLabel(there, label)) ? null : { labels };
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["remove-labels"] {
  return row.body as OutboxBodies["remove-labels"];
}
