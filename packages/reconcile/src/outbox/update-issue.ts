import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { notSeenYet } from "./refusal.ts";
import { changeOf, isReplaced, refuseWhenEdited } from "./replace-text.ts";

/** Result: `{ number }`. (The weakness: the forge takes no condition, so an edit within the last request is lost.) */
export function updateIssue(forge: Pick<ForgeWrites, "issue" | "updateIssue">): Deliverer {
  return {
    async deliver(row) {
      const wanted = bodyOf(row);
      const { number } = wanted;
      const before = await forge.issue(number);
      if (isReplaced(wanted, before)) return { number };
      refuseWhenEdited(`issue ${number}`, wanted, before);
      const after = await forge.updateIssue(number, changeOf(wanted));
      if (!isReplaced(wanted, after)) throw notSeenYet(`Issue ${number} does not show its new text yet.`);
      return { number };
    },
    async settle(row) {
      const wanted = bodyOf(row);
      return isReplaced(wanted, await forge.issue(wanted.number)) ? { number: wanted.number } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["update-issue"] {
  return row.body as OutboxBodies["update-issue"];
}
