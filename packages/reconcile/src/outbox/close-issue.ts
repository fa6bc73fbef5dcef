import type { Deliverer, Issue, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { notSeenYet } from "./refusal.ts";

/** Result: `{ number, reason }`, as it is closed: one that is closed already keeps its reason. */
export function closeIssue(forge: Pick<ForgeWrites, "issue" | "closeIssue">): Deliverer {
  return {
    async deliver(row) {
      const { number, reason } = bodyOf(row);
      const before = await forge.issue(number);
      const after = before.state === "closed" ? before : await forge.closeIssue(number, reason);
      if (after.state !== "closed") throw notSeenYet(`Issue ${number} does not show as closed yet.`);
      return resultOf(after);
    },
    async settle(row) {
      const now = await forge.issue(bodyOf(row).number);
      return now.state === "closed" ? resultOf(now) : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["close-issue"] {
  return row.body as OutboxBodies["close-issue"];
}

function resultOf({ number, stateReason }: Issue) {
  return { number, reason: stateReason };
}
