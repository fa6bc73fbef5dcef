/** The URL of the relation `next` in a `Link` header, or null on the last page. */
export function nextLink(header: string | null | undefined): string | null {
  // An URL may hold commas (cursors do), so the header is not split at them.
  for (const [, url, relations] of (header ?? "").matchAll(/<([^>]*)>[^<]*?\brel="?([^",;]*)"?/g)) {
    if (url && relations?.split(/\s+/).includes("next")) return url;
  }
  return null;
}
