import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { notSeenYet } from "./refusal.ts";
import { changeOf, isReplaced, refuseWhenEdited } from "./replace-text.ts";

/** Result: `{ number }`. (The weakness: the forge takes no condition, so an edit within the last request is lost.) */
export function updatePullRequest(forge: Pick<ForgeWrites, "pullRequest" | "updatePullRequest">): Deliverer {
  return {
    async deliver(row) {
      const wanted = bodyOf(row);
      const { number } = wanted;
      const before = await forge.pullRequest(number);
      if (isReplaced(wanted, before)) return { number };
      refuseWhenEdited(`pull request ${number}`, wanted, before);
      const after = await forge.updatePullRequest(number, changeOf(wanted));
      if (!isReplaced(wanted, after)) throw notSeenYet(`Pull request ${number} does not show its new text yet.`);
      return { number };
    },
    async settle(row) {
      const wanted = bodyOf(row);
      return isReplaced(wanted, await forge.pullRequest(wanted.number)) ? { number: wanted.number } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["update-pull-request"] {
  return row.body as OutboxBodies["update-pull-request"];
}
