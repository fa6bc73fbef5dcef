import type { Deliverer, Json, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeComment, ForgeWrites } from "../github/forge-writes.ts";
import { isByUs } from "./by-us.ts";
import { carriesMarker, marked } from "./marker.ts";

/** Result: `{ id, url }`. */
export function comment(forge: Pick<ForgeWrites, "postComment" | "comments" | "login">): Deliverer {
  return {
    async deliver(row, needed) {
      const { number, body } = bodyOf(row);
      return resultOf(await forge.postComment(number, marked(filled(body, needed), row.idempotencyKey)));
    },

    async settle(row) {
      const login = await forge.login();
      const comments = await forge.comments(bodyOf(row).number);
      const found = comments.findLast((one) => isByUs(login, one) && carriesMarker(one.body, row.idempotencyKey));
      return found ? resultOf(found) : null;
    },
  };
}

/**
 * Fills `{{pull_request_number}}` and `{{pull_request_url}}` from the result of the row this one needs, in one pass:
 * what is put in is never looked at again.
 */
export function filled(body: string, needed: Json): string {
  const { number, url } = (needed ?? {}) as { number?: Json; url?: Json };
  const values: { readonly [name: string]: Json | undefined } = { pull_request_number: number, pull_request_url: url };
  return body.replace(/\{\{(pull_request_number|pull_request_url)\}\}/g, (placeholder, name: string) =>
    String(values[name] ?? placeholder),
  );
}

function bodyOf(row: OutboxRow): OutboxBodies["comment"] {
  return row.body as OutboxBodies["comment"];
}

function resultOf({ id, url }: ForgeComment) {
  return { id, url };
}
