import { randomBytes } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { rateLimited } from "../graphql/answer-query.ts";
import { createMergeability } from "../mergeability.ts";
import { branchRoutes } from "../routes/branches.ts";
import { checkRunRoutes } from "../routes/check-runs.ts";
import { commentRoutes } from "../routes/comments.ts";
import { commitRoutes } from "../routes/commits.ts";
import { forkRoutes } from "../routes/forks.ts";
import { graphqlRoute } from "../routes/graphql.ts";
import { issueLinkRoutes } from "../routes/issue-links.ts";
import { issueRoutes } from "../routes/issues.ts";
import { labelRoutes } from "../routes/labels.ts";
import { lineCommentRoutes } from "../routes/line-comments.ts";
import { pullRoutes } from "../routes/pulls.ts";
import { repositoryRoutes } from "../routes/repositories.ts";
import { reviewRequestRoutes } from "../routes/review-requests.ts";
import { reviewRoutes } from "../routes/reviews.ts";
import { timelineRoutes } from "../routes/timeline.ts";
import { workflowRunRoutes } from "../routes/workflow-runs.ts";
import { type Viewer, viewerOfToken } from "../storage/accounts.ts";
import { apiPath, apiPrefix, graphqlPath, resourceOf } from "./api-paths.ts";
import type { ApiEnv, Call } from "./call.ts";
import { etagOf, matchesEtag } from "./etag.ts";
import { type RateLimit, rateHeaders } from "./rate-limit.ts";
import { Refusal } from "./refusal.ts";
import { createUnchanged, isFromDatabase } from "./unchanged.ts";

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
  readonly isWrite: boolean;
}

export type Api = (request: Request, bindings: HttpBindings) => Promise<ApiAnswer>;

/** GitHub's REST API over the forge: routes inside; credentials, limits, tags and the record of each exchange around. */
export function createApi(forge: Forge, rate: RateLimit, onExchange: ((exchange: Exchange) => void) | undefined): Api {
  const routes = createRoutes(forge, rate);
  const unchanged = createUnchanged(forge.db.version);
  return async (request, bindings) => {
    const { pathname, searchParams } = new URL(request.url);
    const path = apiPath(pathname) ?? "";
    const meter = meterOf(rate, path);
    const asked = await readCall(forge, request);
    const isOver = meter.isOver(asked.viewer);
    const early = earlyResponse(asked, path, isOver);
    const { response, body, isWrite } = early
      ? { ...(await finish(request, early, asked)), isWrite: path !== "/graphql" && isWriting(request) }
      : await answer(request, bindings, path, asked);
    const metered = response.status !== 304 && !isOver && !meter.isFree;
    if (metered) meter.charge(asked.viewer);
    for (const [name, value] of meter.headers(asked.viewer)) response.headers.set(name, value);
    onExchange?.({
      method: request.method,
      path,
      query: Object.fromEntries(searchParams),
      requestBody: asked.body,
      status: response.status,
      responseBody: body === "" ? undefined : isJson(response) ? JSON.parse(body) : body,
    });
    return { response, metered, isWrite };
  };

  async function answer(
    request: Request,
    bindings: HttpBindings,
    path: string,
    asked: Asked,
  ): Promise<Answered & { isWrite: boolean }> {
    const question = questionOf(request, path, asked.viewer);
    const version = forge.db.version();
    const held = question === null ? null : unchanged.tagFor(question, request.headers.get("if-none-match"));
    if (held !== null) return { response: notModified(new Headers({ etag: held })), body: "", isWrite: false };
    const call: Call = { viewer: asked.viewer, body: asked.body };
    const answered = await finish(request, await routes.fetch(request, { ...bindings, call }), asked, call.etagSeed);
    const etag = answered.response.headers.get("etag");
    if (question !== null && etag !== null) unchanged.remember(question, etag, version);
    return { ...answered, isWrite: call.isMutation ?? isWriting(request) };
  }
}

function isWriting(request: Request): boolean {
  return request.method !== "GET" && request.method !== "HEAD";
}

/** What is answered without looking at the request: bad credentials, and the end of the limit. */
function earlyResponse({ refusal, viewer }: Asked, path: string, isOver: boolean): Response | null {
  if (refusal) return refusalResponse(refusal);
  if (!isOver) return null;
  if (path === "/graphql" && viewer) return Response.json(rateLimited(viewer));
  return refusalResponse(new Refusal(403, "API rate limit exceeded"));
}

/** The rate limit as this path meets it. Looking at the limit itself is free. */
function meterOf(rate: RateLimit, path: string) {
  const resource = resourceOf(path);
  const isFree = path === "/rate_limit";
  return {
    isFree,
    isOver: (viewer: Viewer | null) => !isFree && rate.state(credentialOf(viewer), resource).remaining === 0,
    charge: (viewer: Viewer | null) => rate.charge(credentialOf(viewer), resource),
    headers: (viewer: Viewer | null) =>
      Object.entries(rateHeaders(rate.state(credentialOf(viewer), resource), resource)),
  };
}

function credentialOf(viewer: Viewer | null): string {
  return viewer ? String(viewer.tokenId) : "anonymous";
}

function createRoutes(forge: Forge, rate: RateLimit): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>().basePath(apiPrefix);
  const mergeability = createMergeability(forge);
  repositoryRoutes(api, forge, rate);
  forkRoutes(api, forge);
  commentRoutes(api, forge);
  labelRoutes(api, forge);
  issueRoutes(api, forge);
  issueLinkRoutes(api, forge);
  timelineRoutes(api, forge);
  reviewRoutes(api, forge);
  lineCommentRoutes(api, forge);
  reviewRequestRoutes(api, forge);
  pullRoutes(api, forge, mergeability);
  checkRunRoutes(api, forge);
  workflowRunRoutes(api, forge);
  commitRoutes(api, forge);
  branchRoutes(api, forge);
  const routes = new Hono<ApiEnv>();
  for (const path of [graphqlPath, `${apiPrefix}/graphql`]) graphqlRoute(routes, path, forge, rate);
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

function refusalResponse(refusal: Refusal): Response {
  return Response.json(refusal.body(), { status: refusal.status });
}

interface Asked {
  readonly viewer: Viewer | null;
  readonly body: unknown;
  readonly refusal: Refusal | null;
}

async function readCall(forge: Forge, request: Request): Promise<Asked> {
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

interface Answered {
  readonly response: Response;
  /** What goes out as text; empty for none. */
  readonly body: string;
}

async function finish(request: Request, raw: Response, asked: Asked, etagSeed?: string): Promise<Answered> {
  const body = await raw.text();
  const headers = new Headers(raw.headers);
  if (isJson(raw)) headers.set("content-type", "application/json; charset=utf-8");
  headers.set("x-github-media-type", "github.v3; format=json");
  headers.set("x-github-request-id", randomBytes(8).toString("hex"));
  if (request.method !== "GET" || raw.status !== 200) {
    return { response: new Response(raw.status === 204 ? null : body, { status: raw.status, headers }), body };
  }
  const etag = etagOf(credentialOf(asked.viewer), `${headers.get("link") ?? ""}\n${etagSeed ?? body}`);
  headers.set("etag", etag);
  if (matchesEtag(request.headers.get("if-none-match"), etag)) return { response: notModified(headers), body: "" };
  for (const [name, value] of cacheHeaders) headers.set(name, value);
  return { response: new Response(body, { status: 200, headers }), body };
}

function notModified(headers: Headers): Response {
  headers.delete("content-type");
  for (const [name, value] of cacheHeaders) headers.set(name, value);
  return new Response(null, { status: 304, headers });
}

const cacheHeaders = [
  ["cache-control", "private, max-age=60, s-maxage=60"],
  ["vary", "Accept, Authorization, Cookie"],
] as const;

function isJson(response: Response): boolean {
  return response.headers.get("content-type")?.includes("application/json") ?? false;
}
