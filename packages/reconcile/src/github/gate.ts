import {
  type Clock,
  type CooldownStore,
  ForgeError,
  type Millis,
  type PaceLimits,
  type PaceStore,
} from "@agent-control-plane/core";
import { Octokit } from "@octokit/rest";
import { credentialKey } from "./credential.ts";
import { isWrite } from "./decide-failure.ts";
import { type Allowance, createGatedFetch, type RateBudget, type SentRequest, type WritePause } from "./gated-fetch.ts";
import { isMutation } from "./graphql-url.ts";

/**
 * The one way to a forge: Octokit for routes, parameters and types, with a fetch of ours under it that nothing can go
 * round (limits, turns, time-outs, whole bodies; see gated-fetch.ts). Errors are `ForgeError`s; a 304 is an answer.
 */
export interface Gate {
  readonly request: Octokit["request"];
  /**
   * A GET that says what it knows: the same request as Octokit's, without what that costs. An idle tick is made of
   * these, and Octokit throws an error for each answer that is still the same.
   */
  look(url: string, etag: string | null): Promise<Looked>;
  readonly apiUrl: string;
  /** Names the credential in cache rows and in the cooldown scope `forge:<credentialKey>`. */
  readonly credentialKey: string;
  budget(): RateBudget | null;
  /** What is left of each of the forge's hourly budgets, as its last answers said. */
  allowances(): readonly Allowance[];
  /** When a write may be sent again, and why not now; null: now. */
  writesPaused(): Promise<WritePause | null>;
}

/** `data` is the parsed answer; null when nothing `isNew`. */
export interface Looked {
  readonly isNew: boolean;
  readonly data: unknown;
  readonly etag: string | null;
  readonly link: string | null;
}

export interface GateOptions {
  /** `https://api.github.com`, `https://host/api/v3`, or a local forge's URL. */
  readonly apiUrl: string;
  readonly token: string;
  /** Where the token came from, for messages. */
  readonly tokenOrigin: string;
  readonly cooldowns: CooldownStore;
  readonly clock: Clock;
  /** Who is written into the event log as having met a limit. */
  readonly actor: string;
  /** For one request with its body; default 15 s, longer than GitHub itself works on a request. */
  readonly timeoutMs?: Millis;
  /** Between two writes; default 0. Use 1000 on github.com, which asks for it. */
  readonly writeGapMs?: Millis;
  /** The pace of writes, kept in the store for everything that uses the credential; without it: no limit. */
  readonly pace?: PaceLimits & { readonly store: PaceStore };
  /** Default 4. */
  readonly readsAtOnce?: number;
  readonly onRequest?: (request: SentRequest) => void;
}

export function openGate(options: GateOptions): Gate {
  const key = credentialKey(options.token);
  const gated = createGatedFetch({
    tokenOrigin: options.tokenOrigin,
    scope: `forge:${key}`,
    actor: options.actor,
    cooldowns: options.cooldowns,
    clock: options.clock,
    timeoutMs: options.timeoutMs ?? 15_000,
    writeGapMs: options.writeGapMs ?? 0,
    readsAtOnce: options.readsAtOnce ?? 4,
    pace: options.pace ?? null,
    onRequest: options.onRequest ?? (() => {}),
  });
  const apiUrl = options.apiUrl.replace(/\/+$/, "");
  const octokit = new Octokit({
    auth: options.token,
    baseUrl: apiUrl,
    userAgent: "agent-control-plane",
    log: silent,
    request: { fetch: gated.fetch, log: silent },
  });
  octokit.hook.wrap("request", async (send, request) => {
    request.headers["x-github-api-version"] = apiVersion;
    try {
      const response = await send(request);
      // JSON was asked for and something else came: a proxy's page. Not an answer of the forge.
      if (typeof response.data === "string" && response.data !== "" && !wantsText(request.headers.accept)) {
        throw notJson(request);
      }
      return response;
    } catch (error) {
      return answerOrThrow(error);
    }
  });
  const usual = {
    accept: "application/vnd.github.v3+json",
    "user-agent": "agent-control-plane",
    "x-github-api-version": apiVersion,
    authorization: authorization(options.token),
  };
  return {
    request: octokit.request,
    async look(url, etag) {
      const headers = etag === null ? usual : { ...usual, "if-none-match": etag };
      const response = await gated.fetch(url, { method: "GET", headers });
      const about = { etag: response.headers.get("etag"), link: response.headers.get("link") };
      if (response.status === 304) return { ...about, isNew: false, data: null };
      return { ...about, isNew: true, data: parsed(await response.text(), url) };
    },
    apiUrl,
    credentialKey: key,
    budget: gated.budget,
    allowances: gated.allowances,
    writesPaused: gated.writesPaused,
  };
}

// Without it GitHub answers with whatever is its default version at the time.
const apiVersion = "2022-11-28";

// Octokit prints every 304 and error otherwise; what happened is in our errors and in onRequest.
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Octokit throws on 304 and wraps what our fetch throws; this undoes both. */
function answerOrThrow(error: unknown) {
  const { status, response, cause } = error as {
    status?: number;
    response?: { url: string; status: number; headers: object };
    cause?: unknown;
  };
  if (status === 304 && response) return { ...response, status: 304, data: null } as never;
  if (cause instanceof ForgeError) throw cause;
  throw error;
}

function wantsText(accept: string | undefined): boolean {
  return /\.(diff|patch|raw)\b/.test(accept ?? "");
}

/** As Octokit has it: a token with three parts is a signed one, which the forge takes as a bearer's only. */
const authorization = (token: string): string => `${token.split(".").length === 3 ? "bearer" : "token"} ${token}`;

function parsed(text: string, url: string): unknown {
  try {
    return text === "" ? "" : JSON.parse(text);
  } catch {
    throw notJson({ method: "GET", url });
  }
}

function notJson(request: { method: string; url: string; query?: unknown }): ForgeError {
  return new ForgeError(
    "unreachable",
    "The forge's address answered something that is not JSON. Is a proxy in between?",
    {
      maybeApplied: isWrite({ ...request, mutates: isMutation(request.query) }),
    },
  );
}
