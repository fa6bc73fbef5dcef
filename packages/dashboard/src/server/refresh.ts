import type { Clock, Json } from "@agent-control-plane/core";
import type { Context, Hono } from "hono";
import type { LiveState } from "../live/live-state.ts";
import { csrfRefusal } from "./access/csrf.ts";
import { whyNoActs } from "./access/me.ts";
import type { ActParts } from "./acts/act-routes.ts";
import { refusalStatus } from "./acts/acts.ts";
import { readJsonBody } from "./acts/read-json-body.ts";
import { failed, notStored } from "./answers.ts";

/** Each look of a runtime costs requests of GitHub's; however many pages ask, runtimes are asked so seldom. */
const betweenMs = 10_000;

/** What became of it; also in docs/openapi.json. */
export interface Refreshed {
  /** Of the state as it was read for this; what comes after it is followed with `/api/v1/events?after=<id>`. */
  readonly id: string;
  /** As `acp runtime refresh --json`; null: no runtime was asked. */
  readonly runtimes: Json;
  /** Why none was asked; null: some were, or none runs. */
  readonly why: string | null;
}

/**
 * `POST /api/v1/refresh` with `{}` or `{"profile": "web"}`: everything is read anew; and who may act has the runtimes look at
 * GitHub now, too. To repeat it is safe.
 */
export function refreshRoute(app: Hono, parts: ActParts & { readonly live: LiveState; readonly clock: Clock }): void {
  let askedAt = Number.NEGATIVE_INFINITY;
  app.post("/api/v1/refresh", async (c) => {
    const refused = csrfRefusal(c, parts.access);
    if (refused !== null) return refused;
    const body = await readJsonBody(c, parts.patienceMs);
    if (body.kind === "refused") return body.answer;
    const visitor = parts.access.visitorOf(c);
    const why = whyNoActs(visitor.kind === "person", parts.acts !== null);
    if (why !== null || parts.acts === null || visitor.kind !== "person") return answer(c, parts.live, null, why);
    const waitMs = askedAt + betweenMs - parts.clock.now();
    if (waitMs > 0 && waitMs <= betweenMs) {
      c.header("retry-after", String(Math.ceil(waitMs / 1000)));
      return failed(c, 429, "too-soon", "The runtimes were asked a moment ago.");
    }
    const found = await parts.acts.perform("refresh", body.value, `dashboard:${visitor.login.person}`);
    if (found.kind === "refused") return failed(c, refusalStatus[found.code], found.code, found.message);
    askedAt = parts.clock.now();
    return answer(c, parts.live, found.result, null);
  });
}

async function answer(c: Context, live: LiveState, runtimes: Json, why: string | null): Promise<Response> {
  const { id } = await live.current();
  return c.json({ id, runtimes, why } satisfies Refreshed, 200, notStored);
}
