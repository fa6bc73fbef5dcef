import {
  type Deliverer,
  ForgeError,
  type OutboxBodies,
  type OutboxRow,
  type PullRequest,
} from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { carriesMarker, marked, titleLine } from "./marker.ts";

/** Result: `{ number, url }`. One pull request per branch: one that is open already is taken for ours. */
export function openPullRequest(forge: Pick<ForgeWrites, "openPullRequest" | "pullRequestsFrom">): Deliverer {
  async function settle(row: OutboxRow) {
    const { head, base } = bodyOf(row);
    const from = await forge.pullRequestsFrom(head);
    // One that carries our mark was opened by this very row, even when a person closed it since: people win.
    const ours = from.find((pull) => carriesMarker(pull.body, row.idempotencyKey));
    const found = ours ?? from.find((pull) => pull.state === "open" && pull.baseRef === base);
    return found ? resultOf(found) : null;
  }

  return {
    settle,
    async deliver(row) {
      const { head, base, title, body, draft } = bodyOf(row);
      try {
        const sent = { head, base, title: titleLine(title), body: marked(body, row.idempotencyKey), draft };
        return resultOf(await forge.openPullRequest(sent));
      } catch (error) {
        const there = saysAlreadyThere(error) ? await settle(row) : null;
        if (there === null) throw error;
        return there;
      }
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["open-pull-request"] {
  return row.body as OutboxBodies["open-pull-request"];
}

function resultOf({ number, url }: PullRequest) {
  return { number, url };
}

function saysAlreadyThere(error: unknown): boolean {
  return error instanceof ForgeError && error.details.status === 422 && /already exists/i.test(error.message);
}
