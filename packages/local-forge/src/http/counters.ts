import { routeName } from "./route-name.ts";

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** What was answered, or would have been: 0 when a fault dropped the request before it was looked at. */
  readonly status: number;
  readonly at: string;
}

/** What the REST API was asked. Git transfers stand in `byRoute` and `log` only; pages and `/_admin` nowhere. */
export interface ForgeCounters {
  readonly requests: number;
  /** Charged to the rate limit: everything that was not answered 304. */
  readonly metered: number;
  readonly notModified: number;
  /** Requests that were not reads. */
  readonly writes: number;
  readonly byRoute: Readonly<Record<string, number>>;
  /** The latest 2,000. */
  readonly log: readonly LoggedRequest[];
}

export interface CounterBook {
  countApi(request: LoggedRequest, metered: boolean): void;
  countGit(request: LoggedRequest): void;
  read(): ForgeCounters;
  reset(): void;
}

const keptRequests = 2000;

export function createCounters(): CounterBook {
  let counts = { requests: 0, metered: 0, notModified: 0, writes: 0 };
  let byRoute: Record<string, number> = {};
  let log: LoggedRequest[] = [];
  const note = (route: string, request: LoggedRequest) => {
    byRoute[route] = (byRoute[route] ?? 0) + 1;
    log.push(request);
    if (log.length > keptRequests * 2) log = log.slice(-keptRequests);
  };
  return {
    countApi: (request, metered) => {
      counts.requests += 1;
      if (metered) counts.metered += 1;
      if (request.status === 304) counts.notModified += 1;
      if (request.method !== "GET" && request.method !== "HEAD") counts.writes += 1;
      note(`${request.method} ${routeName(request.path.replace(/\?.*$/, ""))}`, request);
    },
    countGit: (request) => note(`git ${request.path.replace(/^.*\.git\//, "")}`, request),
    read: () => ({ ...counts, byRoute: { ...byRoute }, log: log.slice(-keptRequests) }),
    reset: () => {
      counts = { requests: 0, metered: 0, notModified: 0, writes: 0 };
      byRoute = {};
      log = [];
    },
  };
}
