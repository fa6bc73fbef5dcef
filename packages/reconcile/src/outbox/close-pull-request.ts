import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import type { SeenPullRequest } from "../github/pull-request-writes.ts";
import { notSeenYet, refusal } from "./refusal.ts";

/**
 * Result: `{ number, merged }`. One that is closed already, merged or not, is left as it is. (The weakness: the forge
 * takes no condition, so a push within the last request is closed with it; nothing of it is lost.)
 */
export function closePullRequest(forge: Pick<ForgeWrites, "pullRequest" | "updatePullRequest">): Deliverer {
  return {
    async deliver(row) {
      const { number, headSha } = bodyOf(row);
      const before = await forge.pullRequest(number);
      if (before.state === "closed") return resultOf(before);
      if (before.headSha !== headSha) throw headMoved(number, headSha, before.headSha);
      const after = await forge.updatePullRequest(number, { state: "closed" });
      if (after.state !== "closed") throw notSeenYet(`Pull request ${number} does not show as closed yet.`);
      return resultOf(after);
    },
    async settle(row) {
      const now = await forge.pullRequest(bodyOf(row).number);
      return now.state === "closed" ? resultOf(now) : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["close-pull-request"] {
  return row.body as OutboxBodies["close-pull-request"];
}

function resultOf({ number, merged }: SeenPullRequest) {
  return { number, merged };
}

function headMoved(number: number, expected: string, found: string) {
  return refusal(
    "head-moved",
    `Pull request ${number} was not closed: expected head ${expected}, found ${found}. Somebody pushed to it, and ` +
      "their work is left alone.",
  );
}
