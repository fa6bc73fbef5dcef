import type { Json } from "../../domain/json.ts";
import type { Instant } from "../../domain/time.ts";

export interface CachedResponse {
  /** A hash of the credential, never the credential. */
  readonly credentialKey: string;
  readonly url: string;
  readonly etag: string;
  readonly status: number;
  readonly link: string | null;
  readonly body: Json;
  readonly fetchedAt: Instant;
}

export interface ForgeCacheStore {
  get(credentialKey: string, url: string): Promise<CachedResponse | null>;
  put(response: CachedResponse): Promise<void>;
  /** Forgets entries not fetched or confirmed since `before`. */
  prune(before: Instant): Promise<number>;
}
