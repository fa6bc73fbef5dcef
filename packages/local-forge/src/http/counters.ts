import type { RateResource } from "./rate-limit.ts";
import { routeName } from "./route-name.ts";

export interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  /** What was answered, or would have been: 0 when a fault dropped the request before it was looked at. */
  readonly status: number;
  readonly at: string;
  /** Charged to the rate limit: everything that was not answered 304. */
  readonly metered: boolean;
  /** Not a read; a GraphQL query is one. */
  readonly isWrite: boolean;
  /** The limit it is charged to. */
  readonly resource: RateResource | "git";
}

export interface LoggedRequest extends AnsweredRequest {
  /** Grows by one with every request for as long as the forge runs, past resets too. */
  readonly sequence: number;
  /** `GET /repos/{owner}/{repo}/issues` */
  readonly route: string;
}

export interface RouteCounts {
  readonly requests: number;
  readonly metered: number;
  readonly notModified: number;
}

/** What the API was asked. Git transfers stand in `byRoute`, `routes` and `log` only; pages and `/_admin` nowhere. */
export interface ForgeCounters {
  /** Of the latest request: give it as `since` to count what comes after. */
  readonly sequence: number;
  readonly requests: number;
  /** Charged to a rate limit: everything that was not answered 304. */
  readonly metered: number;
  readonly meteredBy: Readonly<Record<RateResource, number>>;
  readonly notModified: number;
  /** Requests that were not reads. */
  readonly writes: number;
  /** Requests a route. */
  readonly byRoute: Readonly<Record<string, number>>;
  readonly routes: Readonly<Record<string, RouteCounts>>;
  /** The latest 2,000. */
  readonly log: readonly LoggedRequest[];
}

export interface CounterBook {
  count(request: AnsweredRequest): void;
  /** All since the last reset, or what came after `since`. Throws when that is longer ago than the log reaches. */
  read(options?: { since?: number | undefined }): ForgeCounters;
  reset(): void;
}

const keptRequests = 2000;

export function createCounters(): CounterBook {
  let sequence = 0;
  let counts = emptyCounts();
  let log: LoggedRequest[] = [];
  const readSince = (since: number): ForgeCounters => {
    const kept = log.slice(-keptRequests);
    const oldest = kept[0]?.sequence ?? sequence + 1;
    if (since + 1 < oldest) {
      throw new Error(`requests from ${since + 1} on are asked for, those from ${oldest} on are kept: ask more often`);
    }
    const later = kept.filter((request) => request.sequence > since);
    const counted = emptyCounts();
    for (const request of later) addRequest(counted, request);
    return { ...counted, sequence, log: later };
  };
  return {
    count: (request) => {
      sequence += 1;
      const logged = { ...request, sequence, route: nameOf(request) };
      addRequest(counts, logged);
      log.push(logged);
      if (log.length > keptRequests * 2) log = log.slice(-keptRequests);
    },
    read: ({ since } = {}) => {
      if (since !== undefined) return readSince(since);
      return { ...structuredClone(counts), sequence, log: log.slice(-keptRequests) };
    },
    reset: () => {
      counts = emptyCounts();
      log = [];
    },
  };
}

function emptyCounts() {
  return {
    requests: 0,
    metered: 0,
    meteredBy: { core: 0, search: 0, graphql: 0 },
    notModified: 0,
    writes: 0,
    byRoute: {} as Record<string, number>,
    routes: {} as Record<string, { requests: number; metered: number; notModified: number }>,
  };
}

function addRequest(counts: ReturnType<typeof emptyCounts>, request: LoggedRequest): void {
  const { route, resource, metered, status } = request;
  counts.byRoute[route] = (counts.byRoute[route] ?? 0) + 1;
  counts.routes[route] ??= { requests: 0, metered: 0, notModified: 0 };
  const ofRoute = counts.routes[route];
  for (const total of resource === "git" ? [ofRoute] : [ofRoute, counts]) {
    total.requests += 1;
    if (metered) total.metered += 1;
    if (status === 304) total.notModified += 1;
  }
  if (resource === "git") return;
  if (metered) counts.meteredBy[resource] += 1;
  if (request.isWrite) counts.writes += 1;
}

function nameOf({ resource, method, path }: AnsweredRequest): string {
  if (resource === "git") return `git ${path.replace(/^.*\.git\//, "")}`;
  return `${method} ${routeName(path.replace(/\?.*$/, ""))}`;
}
