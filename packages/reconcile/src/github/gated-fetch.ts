import {
  type Clock,
  type CooldownStore,
  ForgeError,
  type Instant,
  type Millis,
  type PaceLimits,
  type PaceStore,
} from "@agent-control-plane/core";
import { connectionFailure, decideFailure, isWrite, type RequestName } from "./decide-failure.ts";
import { decideLimit, isBudgetOfQueries } from "./decide-limit.ts";
import { holdsMutation, isQuery } from "./graphql-url.ts";
import { createTurns } from "./turns.ts";
import { createWriteTurns, paceInWords } from "./write-turns.ts";

/** One request as it went over the wire. `status` 0: no complete answer. A 304 is not metered. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly metered: boolean;
}

/** The budget as the last answer that spoke of it had it. */
export interface RateBudget {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Instant;
}

/** A budget, and of what: `core`, `graphql`, `search`. */
export interface Allowance extends RateBudget {
  readonly resource: string;
  readonly toldAt: Instant;
}

export interface GatedFetchOptions {
  readonly tokenOrigin: string;
  /**
   * Cooldown scope, shared through the store by every process that uses this credential. GraphQL queries are metered
   * apart: their used-up budget is a cooldown of `<scope>:graphql` and stops them alone.
   */
  readonly scope: string;
  readonly actor: string;
  readonly cooldowns: CooldownStore;
  readonly clock: Clock;
  readonly timeoutMs: Millis;
  readonly writeGapMs: Millis;
  readonly readsAtOnce: number;
  readonly pace: (PaceLimits & { readonly store: PaceStore }) | null;
  readonly onRequest: (request: SentRequest) => void;
}

export interface WritePause {
  readonly until: Instant;
  /** Begins with `limit` (the forge asked for it) or `pace` (ours). */
  readonly why: string;
}

export interface GatedFetch {
  fetch(url: string, init: RequestInit): Promise<Response>;
  budget(): RateBudget | null;
  /** Of each resource what the last answer said, in this process's memory alone. */
  allowances(): readonly Allowance[];
  writesPaused(): Promise<WritePause | null>;
}

/**
 * The only function that sends anything to a forge. It answers whole responses (2xx, 304) and throws `ForgeError` for
 * everything else. A limit is saved as a cooldown before its error is thrown; while one is active nothing leaves.
 */
export function createGatedFetch(options: GatedFetchOptions): GatedFetch {
  const { clock, cooldowns } = options;
  const queryScope = `${options.scope}:graphql`;
  const reads = createTurns(options.readsAtOnce);
  const writes = createTurns(1);
  const pace = options.pace && options.pace.perMinute + options.pace.perHour > 0 ? options.pace : null;
  const hostTurns = pace && createWriteTurns({ ...options, gapMs: options.writeGapMs, pace });
  const allowances = new Map<string, Allowance>();
  let limitsSeen = 0;
  let limitsInARow = 0;
  let lastWriteEndedAt: Instant | null = null;
  let saving: Promise<void> = Promise.resolve();
  // Holds only what the store could not keep (a full disk): the pause must hold even then.
  const unsavedUntil = new Map<string, Instant>();

  async function fetchWhole(url: string, init: RequestInit): Promise<Response> {
    const { tokenOrigin } = options;
    const mutates = isQuery(url) && holdsMutation(init.body);
    const request: RequestName = { method: init.method ?? "GET", url, tokenOrigin, mutates };
    if (!isWrite(request)) return reads.take(() => sendOne(request, init));
    await refuseWhileCooling(request);
    return writes.take(async () => {
      if (hostTurns) {
        await refuseWhileCooling(request);
        await hostTurns.begin();
      } else await keepWriteGap();
      try {
        return await sendOne(request, init);
      } finally {
        lastWriteEndedAt = clock.now();
        await hostTurns?.end();
      }
    });
  }

  async function sendOne(request: RequestName, init: RequestInit): Promise<Response> {
    await refuseWhileCooling(request);
    const answer = await exchange(request, init);
    const now = clock.now();
    const told = allowanceOf(answer.headers, isQuery(request.url) ? "graphql" : "core", now);
    if (told) allowances.set(told.resource, told);
    const resumeAt = decideLimit(answer, now, limitsInARow);
    if (resumeAt !== null) throw await startCooldown(request, answer, resumeAt);
    if (namesFileStore(request, answer)) return new Response(null, { status: answer.status, headers: answer.headers });
    const failure = decideFailure(request, answer.status, answer.text);
    if (failure) throw failure;
    limitsInARow = 0;
    return answer.response;
  }

  async function exchange(request: RequestName, init: RequestInit): Promise<WholeAnswer> {
    let status = 0;
    try {
      const answer = await readWhole(request.url, init, options.timeoutMs);
      status = answer.status;
      return answer;
    } catch (cause) {
      throw connectionFailure(request, cause, options.timeoutMs);
    } finally {
      options.onRequest({ method: request.method, url: request.url, status, metered: status !== 304 });
    }
  }

  /**
   * Reads the store each time: another process may have hit the limit. An answer that speaks of a limit may come in
   * while we read, and what we read is then too old; so look again until none came in between.
   */
  async function refuseWhileCooling(request: RequestName): Promise<void> {
    const until = await coolingUntil(isQuery(request.url) ? [options.scope, queryScope] : [options.scope]);
    if (until !== null) throw coolingError(until);
  }

  async function coolingUntil(scopes: readonly string[]): Promise<Instant | null> {
    for (;;) {
      const seen = limitsSeen;
      await saving;
      const active = await cooldowns.active();
      const saved = active.filter((cooldown) => scopes.includes(cooldown.scope)).map((cooldown) => cooldown.until);
      const until = Math.max(...saved, ...scopes.map((scope) => unsavedUntil.get(scope) ?? 0));
      if (until > clock.now()) return until;
      if (seen === limitsSeen) return null;
    }
  }

  async function startCooldown(request: RequestName, answer: WholeAnswer, until: Instant): Promise<ForgeError> {
    const { status } = answer;
    const scope = isQuery(request.url) && isBudgetOfQueries(answer) ? queryScope : options.scope;
    limitsSeen += 1;
    limitsInARow += 1;
    const reason = `${request.method} ${new URL(request.url).pathname} was answered with a limit (${status})`;
    const saved = cooldowns.set({ scope, until, reason }, options.actor).catch(() => {
      unsavedUntil.set(scope, Math.max(unsavedUntil.get(scope) ?? 0, until));
    });
    saving = Promise.all([saving, saved]).then(() => undefined);
    await saving;
    return coolingError(until, status);
  }

  async function keepWriteGap(): Promise<void> {
    if (lastWriteEndedAt === null || options.writeGapMs <= 0) return;
    const wait = lastWriteEndedAt + options.writeGapMs - clock.now();
    if (wait > 0) await clock.sleep(wait);
  }

  async function writesPaused(): Promise<WritePause | null> {
    const until = await coolingUntil([options.scope]);
    if (until !== null) return { until, why: "limit: the forge asked for a pause" };
    const full = pace && (await pace.store.fullUntil(options.scope, pace));
    if (!full || (full.why !== "minute" && full.why !== "hour")) return null;
    return { until: full.until, why: paceInWords(pace, full.why) };
  }

  return {
    fetch: fetchWhole,
    budget: () => allowances.get("core") ?? null,
    allowances: () => [...allowances.values()],
    writesPaused,
  };
}

/** A log lies elsewhere, and the answer says where. Any other redirect is a repository that moved. */
const namesFileStore = ({ method, url }: RequestName, { status, headers }: WholeAnswer): boolean =>
  method === "GET" &&
  status === 302 &&
  headers.location !== undefined &&
  /\/actions\/jobs\/\d+\/logs$/.test(new URL(url).pathname);

interface WholeAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly text: string;
  readonly response: Response;
}

/**
 * Reads the body here, under the same time limit: Octokit takes a body that breaks off for an empty one, and a list
 * that broke off must never look like a list that is empty. Redirects are not followed: they would leave the gate.
 */
async function readWhole(url: string, init: RequestInit, timeoutMs: Millis): Promise<WholeAnswer> {
  const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
  const bytes = await response.arrayBuffer();
  const { status } = response;
  const headers = Object.fromEntries(response.headers);
  const isEmpty = status === 204 || status === 205 || status === 304;
  return {
    status,
    headers,
    // A query that met a limit is answered 200, and its body says so.
    text: status >= 400 || isQuery(url) ? new TextDecoder().decode(bytes) : "",
    response: new Response(isEmpty ? null : bytes, { status, headers }),
  };
}

function allowanceOf(headers: { readonly [name: string]: string }, usual: string, toldAt: Instant): Allowance | null {
  const remaining = Number(headers["x-ratelimit-remaining"] ?? Number.NaN);
  const limit = Number(headers["x-ratelimit-limit"] ?? Number.NaN);
  const resetAt = Number(headers["x-ratelimit-reset"] ?? Number.NaN) * 1000;
  if (!Number.isFinite(remaining + limit + resetAt)) return null;
  // A name of the forge's own: it becomes a key, and is shown.
  const said = headers["x-ratelimit-resource"] ?? "";
  const resource = /^[a-z_]{1,40}$/.test(said) ? said : usual;
  return { resource, limit, remaining, resetAt, toldAt };
}

function coolingError(resumeAt: Instant, status?: number): ForgeError {
  const message = `The forge asked for a pause: no requests with this token before ${new Date(resumeAt).toISOString()}.`;
  return new ForgeError("rate-limited", message, { resumeAt, ...(status === undefined ? {} : { status }) });
}
