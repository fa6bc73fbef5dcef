import { randomBytes } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { createMergeability } from "../mergeability.ts";
import { branchRoutes } from "../routes/branches.ts";
import { commentRoutes } from "../routes/comments.ts";
import { commitRoutes } from "../routes/commits.ts";
import { issueRoutes } from "../routes/issues.ts";
import { labelRoutes } from "../routes/labels.ts";
import { pullRoutes } from "../routes/pulls.ts";
import { repositoryRoutes } from "../routes/repositories.ts";
import { reviewRoutes } from "../routes/reviews.ts";
import { type Viewer, viewerOfToken } from "../storage/accounts.ts";
import type { ApiEnv, Call } from "./call.ts";
import { etagOf, matchesEtag } from "./etag.ts";
import { type RateLimit, type RateResource, rateHeaders } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";
import { createUnchanged, isFromDatabase } from "./unchanged.ts";

export const apiPrefix = "/api/v3";

/** One request and its answer, as the contract checks want them. `path` is GitHub's, without `/api/v3`. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  /** Parsed when it is JSON, else text; undefined when there is none. */
  readonly responseBody: unknown;
}

export interface ApiAnswer {
  readonly response: Response;
  readonly metered: boolean;
}

export type Api = (request: Request, bindings: HttpBindings) => Promise<ApiAnswer>;

/** GitHub's REST API over the forge: routes inside; credentials, limits, tags and the record of each exchange around. */
export function createApi(forge: Forge, rate: RateLimit, onExchange: ((exchange: Exchange) => void) | undefined): Api {
  const routes = createRoutes(forge, rate);
  const unchanged = createUnchanged(forge.db.version);
  return async (request, bindings) => {
    const url = new URL(request.url);
    const path = url.pathname.slice(apiPrefix.length);
    const resource: RateResource = path.startsWith("/search/") ? "search" : "core";
    const credential = (viewer: Viewer | null) => (viewer ? String(viewer.tokenId) : "anonymous");
    const { viewer, body, refusal } = await readCall(forge, request);
    const free = path === "/rate_limit";
    const over = !free && rate.state(credential(viewer), resource).remaining === 0;
    const call: Call = { viewer, body };
    const early = refusal ?? (over ? new Refusal(403, "API rate limit exceeded. Wait for x-ratelimit-reset.") : null);
    const version = forge.db.version();
    const question = questionOf(request, path, viewer);
    const held = early || !question ? null : unchanged.tagFor(question, request.headers.get("if-none-match"));
    const raw = early
      ? refusalResponse(early)
      : held
        ? notModified(held)
        : await routes.fetch(request, { ...bindings, call });
    const text = raw.status === 204 || raw.status === 304 ? "" : await raw.text();
    const response = held ? raw : finish(request, raw, text, credential(viewer), call);
    const etag = response.headers.get("etag");
    if (question && etag) unchanged.remember(question, etag, version);
    const metered = response.status !== 304 && !free && !over;
    if (metered) rate.charge(credential(viewer), resource);
    for (const [name, value] of Object.entries(rateHeaders(rate.state(credential(viewer), resource), resource))) {
      response.headers.set(name, value);
    }
    onExchange?.({
      method: request.method,
      path,
      query: Object.fromEntries(url.searchParams),
      requestBody: body,
      status: response.status,
      responseBody: response.status === 304 ? undefined : parsedBody(raw, text),
    });
    return { response, metered };
  };
}

function createRoutes(forge: Forge, rate: RateLimit): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>().basePath(apiPrefix);
  const mergeability = createMergeability(forge);
  repositoryRoutes(api, forge, rate);
  commentRoutes(api, forge);
  labelRoutes(api, forge);
  issueRoutes(api, forge);
  reviewRoutes(api, forge);
  pullRoutes(api, forge, mergeability);
  commitRoutes(api, forge);
  branchRoutes(api, forge);
  const routes = new Hono<ApiEnv>();
  routes.route("/", api);
  routes.notFound(() => refusalResponse(new Refusal(404, "Not Found")));
  routes.onError((error, c) => {
    if (error instanceof Refusal) return refusalResponse(error);
    forge.log(`${c.req.method} ${c.req.path} failed: ${error.stack ?? error.message}`);
    return refusalResponse(new Refusal(500, "Server Error"));
  });
  return routes;
}

/** Null for what is not a read, or not answered from the database alone. */
function questionOf(request: Request, path: string, viewer: Viewer | null): string | null {
  if (request.method !== "GET" || viewer === null || !isFromDatabase(path)) return null;
  return `${viewer.tokenId} ${request.headers.get("accept")} ${request.url}`;
}

function notModified(etag: string): Response {
  return new Response(null, { status: 304, headers: { etag, "cache-control": cacheControl, vary } });
}

const cacheControl = "private, max-age=60, s-maxage=60";
const vary = "Accept, Authorization, Cookie";

function refusalResponse(refusal: Refusal): Response {
  return Response.json(refusal.body(), { status: refusal.status });
}

interface ReadCall {
  readonly viewer: Viewer | null;
  readonly body: unknown;
  readonly refusal: Refusal | null;
}

async function readCall(forge: Forge, request: Request): Promise<ReadCall> {
  const authorization = request.headers.get("authorization");
  const viewer = authorization === null ? null : (viewerOfAuthorization(forge, authorization) ?? null);
  const badToken = authorization !== null && viewer === null ? new Refusal(401, "Bad credentials") : null;
  const text = request.method === "GET" || request.method === "HEAD" ? "" : await request.text();
  if (text === "") return { viewer, body: undefined, refusal: badToken };
  try {
    return { viewer, body: JSON.parse(text), refusal: badToken };
  } catch {
    return { viewer, body: text, refusal: badToken ?? new Refusal(400, "Problems parsing JSON") };
  }
}

function viewerOfAuthorization(forge: Forge, authorization: string): Viewer | undefined {
  const [, scheme = "", value = ""] = /^(\w+)\s+(\S+)$/.exec(authorization) ?? [];
  if (/^(token|bearer)$/i.test(scheme)) return viewerOfToken(forge.db, value);
  if (!/^basic$/i.test(scheme)) return undefined;
  const password = Buffer.from(value, "base64")
    .toString("utf8")
    .replace(/^[^:]*:/, "");
  return viewerOfToken(forge.db, password);
}

function finish(request: Request, raw: Response, text: string, credential: string, call: Call): Response {
  const headers = new Headers(raw.headers);
  if (headers.get("content-type") === "application/json")
    headers.set("content-type", "application/json; charset=utf-8");
  headers.set("x-github-media-type", "github.v3; format=json");
  headers.set("x-github-request-id", randomBytes(8).toString("hex"));
  if (request.method !== "GET" || raw.status !== 200) {
    return new Response(raw.status === 204 ? null : text, { status: raw.status, headers });
  }
  const seed = `${headers.get("link") ?? ""}\n${call.etagSeed ?? text}`;
  const etag = etagOf(credential, seed);
  headers.set("etag", etag);
  headers.set("cache-control", cacheControl);
  headers.set("vary", vary);
  if (!matchesEtag(request.headers.get("if-none-match"), etag)) return new Response(text, { status: 200, headers });
  headers.delete("content-type");
  return new Response(null, { status: 304, headers });
}

function parsedBody(raw: Response, text: string): unknown {
  if (text === "") return undefined;
  return raw.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
}
