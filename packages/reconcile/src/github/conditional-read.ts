import {
  type CachedResponse,
  type Clock,
  type ForgeCacheStore,
  ForgeError,
  type Json,
} from "@agent-control-plane/core";
import type { Gate } from "./gate.ts";
import { nextLink } from "./link-header.ts";
import { rememberRecent } from "./remember-recent.ts";

/**
 * What to keep of an answer. `name` is part of the cache key: raise its number when `project` changes, or an old
 * projection would be served for ever by 304s.
 */
export interface Shape<T extends Json> {
  readonly name: string;
  readonly project: (body: unknown) => T;
}

/** One page of a list: `size` is what the forge sent, before anything was filtered out. */
export interface PageOf<T> {
  readonly size: number;
  readonly items: readonly T[];
}

export type RouteParameters = { readonly [name: string]: string | number | boolean };

/** GETs that cost nothing while nothing changes. Everything thrown is a `ForgeError`. */
export interface ConditionalReader {
  /** `anew`: the answer's ETag does not tell all that it shows, so it is asked for without one, which is metered. */
  one<T extends Json>(
    route: string,
    parameters: RouteParameters,
    shape: Shape<T>,
    options?: { readonly anew: boolean },
  ): Promise<T>;
  /**
   * The complete list or an error, never a part. `idOf` tells whether two readings hold the same items. `grows`: the
   * list is read because something happened, so that beyond a full last page it always looks.
   */
  all<T extends Json>(
    route: string,
    parameters: RouteParameters,
    shape: Shape<PageOf<T> & Json>,
    idOf: (item: T) => Json,
    list?: { readonly grows: boolean },
  ): Promise<readonly T[]>;
}

export function createConditionalReader(at: {
  readonly gate: Gate;
  readonly cache: ForgeCacheStore;
  readonly clock: Clock;
}): ConditionalReader {
  const { gate, clock } = at;
  const cache = rememberRecent(at.cache);
  // When a full last page was last known to be the last one; see `mayHaveMore`.
  const lastPageSince = new Map<string, number>();

  async function read<T extends Json>(url: string, shape: Shape<T>, anew = false): Promise<Answer<T>> {
    const key = `${shape.name} ${url}`;
    const cached = anew ? null : await cache.get(gate.credentialKey, key);
    const { isNew, data, etag, link } = await gate.look(url, cached?.etag ?? null);
    if (!isNew && cached) {
      await confirm(cached);
      return { body: cached.body as T, link: link ?? cached.link, isFresh: false };
    }
    const body = projected(shape, data, url);
    if (etag) {
      const { credentialKey } = gate;
      await cache.put({ credentialKey, url: key, etag, status: 200, link, body, fetchedAt: clock.now() });
    }
    return { body, link, isFresh: true };
  }

  /** Entries in use are written once an hour so that pruning spares them; an idle tick writes nothing. */
  async function confirm(cached: CachedResponse): Promise<void> {
    const now = clock.now();
    if (now - cached.fetchedAt >= 3_600_000) await cache.put({ ...cached, fetchedAt: now });
  }

  async function onePass<T extends Json>(
    first: string,
    shape: Shape<PageOf<T> & Json>,
    grows: boolean,
  ): Promise<Pass<T>> {
    const items: T[] = [];
    let pages = 0;
    let isFresh = false;
    let lookedBeyond: string | null = null;
    for (let url: string | null = first; url !== null; ) {
      const page: Answer<PageOf<T> & Json> = await read(url, shape);
      items.push(...page.body.items);
      pages += 1;
      isFresh ||= page.isFresh;
      if (lookedBeyond !== null && page.body.size === 0) lastPageSince.set(lookedBeyond, clock.now());
      const next = nextLink(page.link);
      lookedBeyond = next === null && mayHaveMore(url, page, grows) ? url : null;
      url = next !== null ? sameOrigin(next, gate.apiUrl) : lookedBeyond && pageAfter(lookedBeyond);
    }
    return { items, pages, isFresh };
  }

  /**
   * A page's ETag says nothing about pages after it: a full page that was the last may have got a successor and still
   * answer 304. So beyond a full last page we look now and then, and in each reading once something is there. A list
   * that begins with the newest needs no such look: what is added pushes the others on, and changes every page.
   */
  function mayHaveMore(url: string, page: Answer<PageOf<Json> & Json>, grows: boolean): boolean {
    if (page.body.size < pageSize(url) || isNewestFirst(url)) return false;
    if (grows) return !page.isFresh;
    const now = clock.now();
    if (page.isFresh) lastPageSince.set(url, now);
    const since = lastPageSince.get(url);
    if (since !== undefined && now - since < lookBeyondMs) return false;
    lastPageSince.delete(url);
    return true;
  }

  return {
    async one(route, parameters, shape, options) {
      return (await read(urlOf(gate, route, parameters), shape, options?.anew)).body;
    },

    /**
     * While pages are read, an item may leave an early page and pull another over the edge, unseen. A list of several
     * pages therefore counts only when a second reading holds the same items; while nothing changes one reading does,
     * because all its pages are those of an accepted one.
     */
    async all(route, parameters, shape, idOf, { grows } = { grows: false }) {
      const url = urlOf(gate, route, { ...parameters, per_page: 100 });
      let before: string | null = null;
      for (let reading = 0; reading < 5; reading += 1) {
        const pass = await onePass(url, shape, grows);
        if (pass.pages === 1 || !pass.isFresh) return pass.items;
        const ids = JSON.stringify(pass.items.map(idOf));
        if (ids === before) return pass.items;
        before = ids;
      }
      throw new ForgeError(
        "unreachable",
        `The list ${pathOf(url)} changes faster than it can be read. Tried again later.`,
      );
    },
  };
}

const lookBeyondMs = 60_000;

interface Answer<T> {
  readonly body: T;
  readonly link: string | null;
  readonly isFresh: boolean;
}

interface Pass<T> {
  readonly items: readonly T[];
  readonly pages: number;
  readonly isFresh: boolean;
}

function urlOf(gate: Gate, route: string, parameters: RouteParameters): string {
  return gate.request.endpoint(`GET ${route}`, { ...parameters }).url;
}

function projected<T extends Json>(shape: Shape<T>, body: unknown, url: string): T {
  try {
    return shape.project(body);
  } catch (cause) {
    throw new ForgeError("unreachable", `GET ${pathOf(url)} answered something else than ${shape.name}.`, { cause });
  }
}

// The token goes with every request: a forge (or someone in between) must not be able to send it elsewhere.
function sameOrigin(next: string, apiUrl: string): string {
  const url = new URL(next, apiUrl);
  if (url.origin === new URL(apiUrl).origin) return url.href;
  throw new ForgeError("refused", `The forge's next page lies on another host (${url.origin}). Is the API URL right?`);
}

function isNewestFirst(url: string): boolean {
  return new URL(url).searchParams.get("direction") === "desc";
}

function pageSize(url: string): number {
  return Number(new URL(url).searchParams.get("per_page") ?? 30);
}

function pageAfter(url: string): string {
  const next = new URL(url);
  next.searchParams.set("page", String(Number(next.searchParams.get("page") ?? 1) + 1));
  return next.href;
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}
