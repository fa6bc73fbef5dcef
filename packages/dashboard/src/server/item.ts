import type { Context } from "hono";
import { failed, notStored } from "./answers.ts";
import type { Details } from "./details.ts";

/** `/api/v1/items/<profile>:<issue|pr>:<number>` */
export async function sendItem(c: Context, details: Details): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const match = /^([^:]{1,100}):((?:issue|pr):[1-9]\d{0,9})$/.exec(id);
  if (!match?.[1] || !match[2])
    return failed(c, 400, "bad-item", `${id} names no item; one is <profile>:issue:<number> or <profile>:pr:<number>.`);
  const found = await details.item(match[1], match[2]);
  return found ? c.json(found, 200, notStored) : failed(c, 404, "unknown-item", `Nothing is known of ${id}.`);
}
