/** The URL of the relation `next` in a `Link` header, or null on the last page. */
export function nextLink(header: string | null | undefined): string | null {
  for (const part of (header ?? "").split(",")) {
    const [, url, relations] = /<([^>]*)>\s*;.*\brel="?([^";]*)"?/.exec(part) ?? [];
    if (url && relations?.split(/\s+/).includes("next")) return url;
  }
  return null;
}
