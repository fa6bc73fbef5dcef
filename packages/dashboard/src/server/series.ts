import type { Context } from "hono";
import { failed, notStored } from "./answers.ts";
import type { Details } from "./details.ts";

/** Older samples are not kept. */
const mostHours = 720;
const usualHours = "24";

/** `/api/v1/series?hours=24[&profile=ID]` */
export async function sendSeries(c: Context, details: Details): Promise<Response> {
  const asked = c.req.query("hours") ?? usualHours;
  const hours = /^\d{1,3}$/.test(asked) ? Number(asked) : 0;
  if (hours < 1 || hours > mostHours)
    return failed(c, 400, "bad-query", `"hours" is a whole number from 1 to ${mostHours}, not ${asked}.`);
  return c.json(await details.series({ profileId: c.req.query("profile") || null, hours }), 200, notStored);
}
