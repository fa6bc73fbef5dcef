import type { Json } from "../domain/json.ts";
import type { Executor } from "./executor.ts";
import { count, type Operation, one } from "./statement.ts";
import type { CachedResponse, ForgeCacheStore } from "./store.ts";

type CacheRow = Omit<CachedResponse, "body"> & { readonly body: string };

export function forgeCacheStore(executor: Executor): ForgeCacheStore {
  return {
    get: (credentialKey, url) => executor.read(() => getCached(credentialKey, url)),
    put: (response) => executor.write(() => putCached(response)),
    prune: (before) => executor.write(() => count(`delete from forge_cache where fetched_at < @before`, { before })),
  };
}

function* getCached(credentialKey: string, url: string): Operation<CachedResponse | null> {
  const row = yield* one<CacheRow>(
    `select credential_key as "credentialKey", url, etag, status, link, body, fetched_at as "fetchedAt"
       from forge_cache where credential_key = @credentialKey and url = @url`,
    { credentialKey, url },
  );
  return row ? { ...row, body: JSON.parse(row.body) as Json } : null;
}

function* putCached(response: CachedResponse): Operation<void> {
  yield* count(
    `insert into forge_cache (credential_key, url, etag, status, link, body, fetched_at)
     values (@credentialKey, @url, @etag, @status, @link, @body, @fetchedAt)
     on conflict (credential_key, url) do update set etag = excluded.etag, status = excluded.status,
        link = excluded.link, body = excluded.body, fetched_at = excluded.fetched_at`,
    { ...response, body: JSON.stringify(response.body) },
  );
}
