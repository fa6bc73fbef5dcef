import type { Clock, Log } from "@agent-control-plane/core";
import { type Context, Hono } from "hono";
import type { Document } from "../live/document.ts";
import type { LiveState } from "../live/live-state.ts";
import type { Access } from "./access/access.ts";
import { loginNeeded, loginRoutes } from "./access/login-routes.ts";
import { sendMe } from "./access/me.ts";
import { actRoutes } from "./acts/act-routes.ts";
import type { Acts } from "./acts/acts.ts";
import { failed, notStored } from "./answers.ts";
import type { Details } from "./details.ts";
import { eventStream } from "./event-stream.ts";
import { sendFlow } from "./flow.ts";
import { type Guard, refusal } from "./guard.ts";
import { sendItem } from "./item.ts";
import { sendMetrics } from "./metrics.ts";
import { otherMethods } from "./other-methods.ts";
import type { PageFile } from "./page-files.ts";
import { refreshRoute } from "./refresh.ts";
import { securityHeaders } from "./security-headers.ts";
import { sendSeries } from "./series.ts";
import { sendSession, sendSessionDiff } from "./session.ts";
import { sendSessionLog } from "./session-log.ts";
import { sendSnapshot } from "./snapshot.ts";
import { stateBody } from "./state-body.ts";

export interface AppParts {
  readonly live: LiveState;
  readonly clock: Clock;
  readonly details: Details;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly guard: () => Guard;
  readonly access: Access;
  readonly acts: Acts | null;
  /** So long the body of a request may take to arrive. */
  readonly patienceMs: number;
  readonly log: Log;
}

/** The page and its API. */
export function createApp(parts: AppParts): Hono {
  const { live, details, files, guard, access, acts, clock, log } = parts;
  const app = new Hono();
  app.use("*", async (c, next) => {
    const refused = refusal(guard(), {
      method: c.req.method,
      path: c.req.path,
      addressed: new URL(c.req.url).host,
      header: (name) => c.req.header(name),
      isKnown: access.visitorOf(c).kind !== "stranger",
    });
    if (refused === null) await next();
    else if (refused.code === "token-needed") c.res = loginNeeded(c, refused.message);
    else c.res = failed(c, refused.status, refused.code, refused.message);
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
  });
  app.get("/healthz", (c) => c.json({ status: "ok" }, 200, notStored));
  app.get("/api/v1/state", async (c) =>
    c.body(stateBody(await live.current()), 200, { ...notStored, "content-type": "application/json; charset=utf-8" }),
  );
  app.get("/api/v1/profiles/:id", async (c) => {
    const id = c.req.param("id");
    const found = (await live.current()).documents.get(`profile:${id}`);
    return found ? c.json(found as Document, 200, notStored) : failed(c, 404, "unknown-profile", `No profile ${id}.`);
  });
  app.get("/api/v1/items/:id", (c) => sendItem(c, details));
  app.get("/api/v1/sessions/:id", (c) => sendSession(c, details));
  app.get("/api/v1/sessions/:id/diff", (c) => sendSessionDiff(c, details));
  app.get("/api/v1/sessions/:id/log", (c) => sendSessionLog(c, details));
  app.get("/api/v1/flows/:id", (c) => sendFlow(c, details));
  app.get("/api/v1/series", (c) => sendSeries(c, details));
  app.get("/metrics", (c) => sendMetrics(c, live));
  app.get("/api/snapshot.json", (c) => sendSnapshot(c, live, details, clock));
  app.get("/api/v1/events", (c) => eventStream(c, live, () => access.visitorOf(c).kind !== "stranger"));
  app.get("/api/v1/me", (c) => sendMe(c, access, acts));
  refreshRoute(app, parts);
  loginRoutes(app, access, log);
  actRoutes(app, parts);
  for (const [path, file] of files) app.get(path, (c) => sendFile(c, file));
  otherMethods(app);
  app.notFound((c) => failed(c, 404, "not-found", `Nothing is at ${c.req.path}.`));
  app.onError((error, c) => {
    log.error("request not answered", { path: c.req.path, error });
    return failed(c, 500, "internal", "This failed here; the log says why.");
  });
  return app;
}

function sendFile(c: Context, { bytes, type, etag }: PageFile): Response {
  // Asked for again each time, answered in a line: an upgrade shows at the next look.
  const headers = { "cache-control": "no-cache", "content-type": type, etag };
  if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
  return c.body(new Uint8Array(bytes), 200, headers);
}
