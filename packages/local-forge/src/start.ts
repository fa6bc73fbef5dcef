import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { type Administration, createAdministration } from "./administration.ts";
import { holdDataFolder } from "./data-folder.ts";
import { followGit } from "./follow-git.ts";
import { createForge, type Forge } from "./forge.ts";
import { answerGit, isGitPath } from "./git-http.ts";
import { adminPrefix, createAdminApi } from "./http/admin-api.ts";
import { type Api, createApi, type Exchange } from "./http/api.ts";
import { apiPath, resourceOf } from "./http/api-paths.ts";
import { type CounterBook, createCounters, type ForgeCounters } from "./http/counters.ts";
import { createFaults, type Fault, type FaultBook, type Faults } from "./http/faults.ts";
import { createRateLimit, type RateResource } from "./http/rate-limit.ts";
import { createPages } from "./pages.ts";
import { followForkedHeads } from "./pulls/follow-forked-heads.ts";
import { recordMissingCommits } from "./pulls/record-missing-commits.ts";
import { userById } from "./storage/accounts.ts";
import { allRepositories } from "./storage/repositories.ts";

export interface LocalForgeOptions {
  /** Holds everything: database, bare repositories, admin token. Made when it is not there. */
  readonly dataDir: string;
  readonly host?: "127.0.0.1";
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  readonly now?: () => number;
  /** Sees every REST request with its answer, for contract checks. */
  readonly onExchange?: (exchange: Exchange) => void;
}

export interface LocalForge extends Administration {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** What Octokit takes as `baseUrl`. */
  readonly apiUrl: string;
  /** `<gitUrl>/<owner>/<name>.git` is what git clones. */
  readonly gitUrl: string;
  /** All since the last reset, or what came after `since`, a `sequence` from before. */
  counters(options?: { since?: number }): ForgeCounters;
  resetCounters(): void;
  readonly faults: Faults;
  setRateLimit(resource: RateResource, limit: number): void;
  close(): Promise<void>;
}

/** Starts a forge on a data folder. Throws when another one runs on it, or the port is taken. */
export async function startLocalForge(options: LocalForgeOptions): Promise<LocalForge> {
  const folder = holdDataFolder(options.dataDir);
  let url = "";
  const now = options.now ?? Date.now;
  try {
    const forge = createForge({ dataDir: options.dataDir, url: () => url, now, log: options.log ?? (() => {}) });
    const rate = createRateLimit(now);
    const counters = createCounters();
    const faults = createFaults();
    const administration = createAdministration(forge);
    const api = createApi(forge, rate, options.onExchange);
    const admin = createAdminApi({ administration, counters, faults, rate, token: folder.adminToken });
    const underway = new Set<Promise<unknown>>();
    const answer = createAnswer({ forge, api, admin: admin.fetch, counters, faults, underway });
    await catchUp(forge);
    const server = createServer(answer);
    server.requestTimeout = 0; // a long push is one request
    server.keepAliveTimeout = 60_000; // longer than clients keep theirs, so that none is closed under a request
    url = await listen(server, options.host ?? "127.0.0.1", options.port ?? 0);
    folder.announce(url);
    const close = async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(underway);
      forge.db.close();
      folder.release();
    };
    let closing: Promise<void> | undefined;
    return {
      ...administration,
      url,
      apiUrl: forge.apiUrl,
      gitUrl: url,
      counters: counters.read,
      resetCounters: counters.reset,
      faults,
      setRateLimit: rate.setLimit,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** What a crash left between a ref and the rows about it. */
async function catchUp(forge: Forge): Promise<void> {
  for (const repository of allRepositories(forge.db)) {
    const owner = userById(forge.db, repository.owner_id);
    await forge.exclusively(repository, async () => {
      await followGit(forge, repository, owner);
      await recordMissingCommits(forge, repository);
    });
    await followForkedHeads(forge, repository, owner);
  }
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(`http://${host}:${(server.address() as AddressInfo).port}`));
  });
}

interface AnswerParts {
  readonly forge: Forge;
  readonly api: Api;
  readonly admin: (request: Request) => Response | Promise<Response>;
  readonly counters: CounterBook;
  readonly faults: FaultBook;
  readonly underway: Set<Promise<unknown>>;
}

function createAnswer({ forge, api, admin, counters, faults, underway }: AnswerParts) {
  const pages = createPages(forge);
  const listeners = {
    admin: getRequestListener((request) => admin(request), { overrideGlobalObjects: false }),
    pages: getRequestListener((request) => pages.fetch(request), { overrideGlobalObjects: false }),
  };
  const apiListener = (loseReply: boolean) =>
    getRequestListener((request, bindings) => answerApi(request, bindings as HttpBindings, loseReply), {
      overrideGlobalObjects: false,
    });
  const sure = apiListener(false);
  const losing = apiListener(true);

  async function answerApi(request: Request, bindings: HttpBindings, loseReply: boolean): Promise<Response> {
    const { response, metered, isWrite } = await api(request, bindings);
    const { pathname, search } = new URL(request.url);
    const bare = apiPath(pathname) ?? "";
    const { method } = request;
    const resource = resourceOf(bare);
    counters.count({ method, path: bare + search, status: response.status, at: at(), metered, isWrite, resource });
    if (loseReply) bindings.incoming.socket.destroy();
    return response;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    if (path.startsWith(`${adminPrefix}/`)) return listeners.admin(request, response);
    const bare = apiPath(path);
    const isApi = bare !== null;
    // Only what the API itself did not count: git, and requests a fault answered.
    const count = (status: number) => {
      if (!isApi && !isGitPath(path)) return;
      const metered = isApi && status !== 0;
      const isWrite = method !== "GET" && method !== "HEAD";
      const resource = bare === null ? "git" : resourceOf(bare);
      const query = isApi ? (request.url ?? "").slice(path.length) : "";
      counters.count({ method, path: (bare ?? path) + query, status, at: at(), metered, isWrite, resource });
    };
    const fault = isApi || isGitPath(path) ? faults.take(method, path) : null;
    if (fault !== null && (await playFault(fault, request, response, count))) return;
    const loseReply = fault === "drop-reply-after-applying";
    if (isApi) return (loseReply ? losing : sure)(request, response);
    if (isGitPath(path)) return count(await answerGit(forge, request, response, loseReply));
    return listeners.pages(request, response);
  }

  const at = () => new Date(forge.now()).toISOString();

  return (request: IncomingMessage, response: ServerResponse) => {
    const answering = answer(request, response).catch((error) => {
      forge.log(`${request.method} ${request.url} failed: ${error.stack ?? error}`);
      request.socket.destroy();
    });
    underway.add(answering);
    answering.finally(() => underway.delete(answering));
  };
}

/** True when the fault was the whole answer. */
async function playFault(
  fault: Fault,
  request: IncomingMessage,
  response: ServerResponse,
  count: (status: number) => void,
): Promise<boolean> {
  if (fault === "drop-reply-after-applying") return false;
  if (fault === "drop-before-applying") {
    count(0);
    request.socket.destroy();
    return true;
  }
  if ("delayMs" in fault) {
    await delay(fault.delayMs);
    return false;
  }
  count(fault.status);
  request.resume();
  const body = fault.body ?? { message: "Scripted fault", documentation_url: "https://docs.github.com/rest" };
  response.writeHead(fault.status, { "content-type": "application/json; charset=utf-8", ...fault.headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
  return true;
}
