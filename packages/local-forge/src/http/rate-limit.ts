export type RateResource = "core" | "search" | "graphql";

export interface RateState {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds since 1970. */
  readonly reset: number;
}

/** GitHub's primary limit: so many charged requests a window and credential. */
export interface RateLimit {
  state(credential: string, resource: RateResource): RateState;
  charge(credential: string, resource: RateResource): void;
  setLimit(resource: RateResource, limit: number): void;
}

const windowMs = { core: 3_600_000, search: 60_000, graphql: 3_600_000 };

export function createRateLimit(now: () => number): RateLimit {
  const limits = { core: 5000, search: 30, graphql: 5000 };
  const windows = new Map<string, { used: number; resetAt: number }>();
  const current = (credential: string, resource: RateResource) => {
    const key = `${resource} ${credential}`;
    const known = windows.get(key);
    if (known && known.resetAt > now()) return known;
    const fresh = { used: 0, resetAt: now() + windowMs[resource] };
    windows.set(key, fresh);
    return fresh;
  };
  return {
    state: (credential, resource) => {
      const { used, resetAt } = current(credential, resource);
      const limit = limits[resource];
      return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(resetAt / 1000) };
    },
    charge: (credential, resource) => {
      current(credential, resource).used += 1;
    },
    setLimit: (resource, limit) => {
      limits[resource] = limit;
    },
  };
}

export function rateResetAt(state: RateState): string {
  return `${new Date(state.reset * 1000).toISOString().slice(0, 19)}Z`;
}

export function rateHeaders(state: RateState, resource: RateResource): Record<string, string> {
  return {
    "x-ratelimit-limit": String(state.limit),
    "x-ratelimit-remaining": String(state.remaining),
    "x-ratelimit-reset": String(state.reset),
    "x-ratelimit-used": String(state.used),
    "x-ratelimit-resource": resource,
  };
}
