import type { CachedResponse, ForgeCacheStore } from "@agent-control-plane/core";

/** The newest entries in memory, so that an idle tick does not parse megabytes out of the database. */
export function rememberRecent(store: ForgeCacheStore): Pick<ForgeCacheStore, "get" | "put"> {
  const recent = new Map<string, CachedResponse>();
  function remember(response: CachedResponse): void {
    const key = `${response.credentialKey} ${response.url}`;
    recent.delete(key);
    recent.set(key, response);
    const oldest = recent.keys().next().value;
    if (recent.size > 300 && oldest !== undefined) recent.delete(oldest);
  }
  return {
    async get(credentialKey, url) {
      const found = recent.get(`${credentialKey} ${url}`) ?? (await store.get(credentialKey, url));
      if (found) remember(found);
      return found;
    },
    async put(response) {
      await store.put(response);
      remember(response);
    },
  };
}
