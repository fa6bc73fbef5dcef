import type { Deliverer, Issue, Millis, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { isByUs } from "./by-us.ts";
import { carriesMarker, marked, titleLine } from "./marker.ts";

/** Result: `{ number, url }`. */
export function createIssue(forge: Pick<ForgeWrites, "createIssue" | "issuesBy" | "login">): Deliverer {
  return {
    async deliver(row) {
      const { title, body, labels } = bodyOf(row);
      return resultOf(
        await forge.createIssue({ title: titleLine(title), body: marked(body, row.idempotencyKey), labels }),
      );
    },

    /** One that a person closed since is still the one. */
    async settle(row) {
      const login = await forge.login();
      const ours = await forge.issuesBy(login, row.createdAt - clockSlackMs);
      const found = ours.find((one) => isByUs(login, one) && carriesMarker(one.body, row.idempotencyKey));
      return found ? resultOf(found) : null;
    },
  };
}

/** Our clock and the forge's need not agree, and ours may have been turned since the row was saved. */
const clockSlackMs: Millis = 24 * 60 * 60 * 1000;

function bodyOf(row: OutboxRow): OutboxBodies["create-issue"] {
  return row.body as OutboxBodies["create-issue"];
}

function resultOf({ number, url }: Issue) {
  return { number, url };
}
