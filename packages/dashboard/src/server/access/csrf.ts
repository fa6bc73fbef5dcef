import type { Context } from "hono";
import { failed } from "../answers.ts";
import type { Access } from "./access.ts";
import { isSameSecret } from "./same-secret.ts";

const csrfHeader = "x-acp-csrf";

/** Every request that changes something calls this first. Null: it may; its page has read `/api/v1/me`. */
export function csrfRefusal(c: Context, access: Access): Response | null {
  const wanted = access.csrfOf(access.visitorOf(c));
  const given = c.req.header(csrfHeader);
  if (wanted === null || (given !== undefined && isSameSecret(given, wanted))) return null;
  const message =
    given === undefined
      ? `The header ${csrfHeader} is missing; its value is "csrf" of /api/v1/me.`
      : `The header ${csrfHeader} is of another login; load the page again.`;
  return failed(c, 403, "csrf-missing", message);
}
