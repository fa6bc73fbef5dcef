import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import type { ForgeReview } from "../github/review-writes.ts";
import { isByUs } from "./by-us.ts";
import { carriesMarker, marked } from "./marker.ts";
import { isRefused } from "./refusal.ts";

type Wanted = OutboxBodies["review"];

/**
 * Result: `{ id, url, event }`, the event as it was posted. No forge takes a verdict on one's own pull request, and
 * most of those we judge are: such a one is posted as a comment, after a look at whose it is.
 */
export function review(forge: Pick<ForgeWrites, "postReview" | "reviews" | "pullRequest" | "login">): Deliverer {
  async function post(row: OutboxRow, event: Wanted["event"]) {
    const { number, headSha, body } = bodyOf(row);
    const text = body.trim() === "" && event === "comment" ? verdictText(bodyOf(row)) : body;
    return resultOf(await forge.postReview(number, { sha: headSha, event, body: marked(text, row.idempotencyKey) }));
  }

  async function isOwn(number: number): Promise<boolean> {
    const login = await forge.login();
    return login !== null && (await forge.pullRequest(number)).author === login;
  }

  return {
    async deliver(row) {
      const { number, event } = bodyOf(row);
      if (event === "comment" || (await isOwn(number))) return post(row, "comment");
      try {
        return await post(row, event);
      } catch (error) {
        // An app is not told who it is: the forge says it here.
        if (!isRefused(error, 422) || !/your own pull request/i.test(error.message)) throw error;
        return post(row, "comment");
      }
    },
    async settle(row) {
      const login = await forge.login();
      const reviews = await forge.reviews(bodyOf(row).number);
      const found = reviews.findLast((one) => isByUs(login, one) && carriesMarker(one.body, row.idempotencyKey));
      return found ? resultOf(found) : null;
    },
  };
}

/** A comment without words is not taken. */
function verdictText({ event, headSha }: Wanted): string {
  if (event === "comment") return `Looked at ${headSha}.`;
  return event === "approve" ? `Approved at ${headSha}.` : `Changes are needed at ${headSha}.`;
}

function bodyOf(row: OutboxRow): Wanted {
  return row.body as Wanted;
}

/** One that was dismissed meanwhile was posted all the same; what it said then is not told any more. */
function resultOf({ id, url, event }: ForgeReview) {
  return { id, url, event };
}
