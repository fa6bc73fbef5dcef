import type { RateResource } from "./rate-limit.ts";

export const apiPrefix = "/api/v3";
/** Where GitHub Enterprise Server has it, and so Octokit when its base ends in `/api/v3`; `/api/v3/graphql` works too. */
export const graphqlPath = "/api/graphql";

/** The path as GitHub's REST API names it, without what stands before; null when it is not ours. */
export function apiPath(pathname: string): string | null {
  if (pathname === graphqlPath) return "/graphql";
  return pathname.startsWith(`${apiPrefix}/`) ? pathname.slice(apiPrefix.length) : null;
}

export function resourceOf(path: string): RateResource {
  if (path === "/graphql") return "graphql";
  return path.startsWith("/search/") ? "search" : "core";
}
