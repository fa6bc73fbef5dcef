import type { Context } from "hono";
import { failed, notStored } from "./answers.ts";
import type { Details } from "./details.ts";

/** `/api/v1/flows/:id` */
export async function sendFlow(c: Context, details: Details): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const found = await details.flow(id);
  return found ? c.json(found, 200, notStored) : failed(c, 404, "unknown-flow", `There is no flow ${id}.`);
}
