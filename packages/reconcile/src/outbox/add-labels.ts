import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { hasLabel } from "./has-label.ts";

/** Result: `{ labels }`. The forge makes labels it does not know; adding one that is there changes nothing. */
export function addLabels(forge: Pick<ForgeWrites, "addLabels" | "labels">): Deliverer {
  return {
    async deliver(row) {
      const { number, labels } = bodyOf(row);
      if (labels.length > 0) await forge.addLabels(number, labels);
      return { labels };
    },
    async settle(row) {
      const { number, labels } = bodyOf(row);
      const there = await forge.labels(number);
      return labels.every((label) => hasLabel(there, label)) ? { labels } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["add-labels"] {
  return row.body as OutboxBodies["add-labels"];
}
