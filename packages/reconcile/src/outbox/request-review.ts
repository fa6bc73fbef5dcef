import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";

/**
 * Result: `{ number, reviewer }`. Asking whom is asked already changes nothing. Whoever may not review here, or opened
 * the pull request, is a definite no of the forge's. (The weakness: after a lost reply somebody who has given their
 * review within those seconds is asked once more.)
 */
export function requestReview(forge: Pick<ForgeWrites, "requestReview" | "pullRequest">): Deliverer {
  return {
    async deliver(row) {
      const { number, reviewer } = bodyOf(row);
      await forge.requestReview(number, reviewer);
      return { number, reviewer };
    },
    async settle(row) {
      const { number, reviewer } = bodyOf(row);
      const { requestedReviewers } = await forge.pullRequest(number);
      const isAsked = requestedReviewers.some((login) => login.toLowerCase() === reviewer.toLowerCase());
      return isAsked ? { number, reviewer } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["request-review"] {
  return row.body as OutboxBodies["request-review"];
}
