import { type Log, redact, redactedJson } from "@agent-control-plane/core";
import type { Context, Hono } from "hono";
import type { Access } from "../access/access.ts";
import { csrfRefusal } from "../access/csrf.ts";
import { whyNoActs } from "../access/me.ts";
import { failed, notStored } from "../answers.ts";
import { type Acts, refusalStatus } from "./acts.ts";
import { readJsonBody } from "./read-json-body.ts";

export interface ActParts {
  readonly access: Access;
  /** Null: it only looks. */
  readonly acts: Acts | null;
  readonly log: Log;
  /** So long a body may take to arrive. */
  readonly patienceMs: number;
}

/** `POST /api/v1/acts/<name>` */
export function actRoutes(app: Hono, parts: ActParts): void {
  app.post("/api/v1/acts/:name", (c) => act(c, parts));
}

/** The order matters: who may not act learns nothing of what there is, and no body is read for them. */
async function act(c: Context, { access, acts, log, patienceMs }: ActParts): Promise<Response> {
  const visitor = access.visitorOf(c);
  const refused = csrfRefusal(c, access);
  const why = whyNoActs(visitor.kind === "person", acts !== null);
  if (why !== null) return failed(c, 403, "acts-off", why);
  if (acts === null || visitor.kind !== "person" || refused !== null) return refused ?? failed(c, 403, "acts-off", "");
  const name = c.req.param("name") ?? "";
  if (!acts.names.includes(name))
    return failed(c, 404, "unknown-act", `There is no act of this name. There are: ${acts.names.join(", ")}.`);
  const body = await readJsonBody(c, patienceMs);
  if (body.kind === "refused") return body.answer;
  const by = `dashboard:${visitor.login.person}`;
  const answer = await acts.perform(name, body.value, by);
  log.info("act", { name, by, ended: answer.kind === "done" ? answer.status : answer.code });
  if (answer.kind === "refused") return failed(c, refusalStatus[answer.code], answer.code, redact(answer.message));
  const { status, message, result } = answer;
  const told = redactedJson({ act: name, status, message, result });
  return c.body(told, 200, { ...notStored, "content-type": "application/json; charset=utf-8" });
}
