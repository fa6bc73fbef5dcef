import type { Api } from "./apis/api.ts";
import type { Fields } from "./asked.ts";

/** One request as tests ask about it. Keys are never kept: only whether there was one. */
export interface LoggedRequest {
  readonly method: string;
  /** Without the scenario's prefix, with the query but for a key in it. */
  readonly path: string;
  readonly scenario: string;
  /** Null for what was asked beside the answers. */
  readonly api: Api["name"] | null;
  readonly model: string | null;
  /** Names of the tools it offered. */
  readonly tools: readonly string[];
  readonly toolResults: readonly string[];
  readonly hasKey: boolean;
  readonly body: Fields;
  readonly status: number | "never answered";
}

const keyHeaders = ["authorization", "x-api-key", "x-goog-api-key"];

export function hasKey(headers: { readonly [name: string]: unknown }, query: URLSearchParams): boolean {
  return keyHeaders.some((name) => headers[name] !== undefined) || query.has("key");
}

export function pathWithoutKey(path: string, query: URLSearchParams): string {
  const shown = new URLSearchParams(query);
  shown.delete("key");
  return shown.size === 0 ? path : `${path}?${shown}`;
}
