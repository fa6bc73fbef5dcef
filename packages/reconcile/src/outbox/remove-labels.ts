import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { hasLabel } from "./has-label.ts";
import { notSeenYet } from "./refusal.ts";

/**
 * Result: `{ labels }`. One request a label; one that is not there is done. A try that broke off in the middle is
 * simply done again: the removed ones stay removed.
 */
export function removeLabels(forge: Pick<ForgeWrites, "removeLabel" | "labels">): Deliverer {
  /** "Not found" is said of a label and of the whole issue alike. */
  async function seeThemGone(number: number, labels: readonly string[]): Promise<void> {
    const there = await forge.labels(number);
    const left = labels.find((label) => hasLabel(there, label));
    if (left !== undefined) throw notSeenYet(`Label "${left}" of #${number} does not show as taken off yet.`);
  }

  return {
    async deliver(row) {
      const { number, labels } = bodyOf(row);
      let allFound = true;
      for (const label of labels) allFound = (await forge.removeLabel(number, label)) && allFound;
      if (!allFound) await seeThemGone(number, labels);
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
