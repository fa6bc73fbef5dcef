import type { ErrorEnvelope } from "./answers.ts";
import { securityHeaders } from "./security-headers.ts";

/** A request that names no host, or no address that can be read: no route ever sees it. */
export function unreadable(): Response {
  const message = "The request cannot be read: it names no host of ours, or no path.";
  const body: ErrorEnvelope = { error: { code: "bad-request", message } };
  return Response.json(body, { status: 400, headers: { ...securityHeaders, "cache-control": "no-store" } });
}
