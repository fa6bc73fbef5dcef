import type { Deliverer, Json, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { hasLabel } from "./has-label.ts";

/** Result: `{ labels }`. The forge makes labels it does not know; adding one that is there changes nothing. */
export function addLabels(forge: Pick<ForgeWrites, "addLabels" | "labels">): Deliverer {
  return {
    async deliver(row, needed) {
      const { number, labels } = bodyOf(row);
      if (labels.length > 0) await forge.addLabels(number ?? opened(row, needed), labels);
      return { labels };
    },
    async settle(row, needed) {
      const { number, labels } = bodyOf(row);
      const there = await forge.labels(number ?? opened(row, needed));
      return labels.every((label) => hasLabel(there, label)) ? { labels } : null;
    },
  };
}

function opened(row: OutboxRow, needed: Json): number {
  const number = needed !== null && typeof needed === "object" && "number" in needed ? needed.number : null;
  if (typeof number === "number") return number;
  throw new Error(
    `Labels of outbox row ${row.id} have no pull request: row ${row.needsId}, which it needs, names none`,
  );
}

function bodyOf(row: OutboxRow): OutboxBodies["add-labels"] {
  return row.body as OutboxBodies["add-labels"];
}
