import type { Deliverer, Issue, Json, Millis, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { isByUs } from "./by-us.ts";
import { issueNumbersIn } from "./issue-numbers.ts";
import { carriesMarker, marked, titleLine } from "./marker.ts";

/** Result: `{ number, url }`; of a chain of issues also `numbers`: of those before it and its own. */
export function createIssue(forge: Pick<ForgeWrites, "createIssue" | "issuesBy" | "login">): Deliverer {
  return {
    async deliver(row, needed) {
      const { title, body, labels } = bodyOf(row);
      const sent = { title: titleLine(title), body: marked(body, row.idempotencyKey), labels };
      return resultOf(await forge.createIssue(sent), needed);
    },

    /** One that a person closed since is still the one. */
    async settle(row, needed) {
      const login = await forge.login();
      const ours = await forge.issuesBy(login, row.createdAt - clockSlackMs);
      const found = ours.find((one) => isByUs(login, one) && carriesMarker(one.body, row.idempotencyKey));
      return found ? resultOf(found, needed) : null;
    },
  };
}

/** Our clock and the forge's need not agree, and ours may have been turned since the row was saved. */
const clockSlackMs: Millis = 24 * 60 * 60 * 1000;

function bodyOf(row: OutboxRow): OutboxBodies["create-issue"] {
  return row.body as OutboxBodies["create-issue"];
}

function resultOf({ number, url }: Issue, needed: Json): Json {
  const before = issueNumbersIn(needed);
  return before.length === 0 ? { number, url } : { number, url, numbers: [...before, number] };
}
