import type { Context } from "hono";
import { failed, notStored } from "./answers.ts";
import type { Details } from "./details.ts";

/** `/api/v1/sessions/:id` */
export async function sendSession(c: Context, details: Details): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const found = await details.session(id);
  return found ? c.json(found, 200, notStored) : failed(c, 404, "unknown-session", `There is no session ${id}.`);
}

/** `/api/v1/sessions/:id/diff`: what its work changes, as far as it is still in the profile's own repository. */
export async function sendSessionDiff(c: Context, details: Details): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const found = await details.sessionDiff(id);
  if (found) return c.json(found, 200, notStored);
  return failed(c, 404, "no-diff", `Session ${id} is not known here, or left no work that is still there.`);
}
