import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import type { ForgeReview } from "../github/review-writes.ts";
import { isByUs } from "./by-us.ts";
import { carriesMarker, marked } from "./marker.ts";

/** Result: `{ id, url }`. */
export function reviewReply(forge: Pick<ForgeWrites, "postReviewReply" | "lineComments" | "login">): Deliverer {
  return {
    async deliver(row) {
      const { number, commentId, body } = bodyOf(row);
      return resultOf(await forge.postReviewReply(number, commentId, marked(body, row.idempotencyKey)));
    },
    async settle(row) {
      const login = await forge.login();
      const comments = await forge.lineComments(bodyOf(row).number);
      const found = comments.findLast((one) => isByUs(login, one) && carriesMarker(one.body, row.idempotencyKey));
      return found ? resultOf(found) : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["review-reply"] {
  return row.body as OutboxBodies["review-reply"];
}

function resultOf({ id, url }: ForgeReview) {
  return { id, url };
}
