/** What follows a `?` in the place: filters. */
export type Query = Readonly<Record<string, string>>;

/** Where in the page somebody is. */
export type Route =
  | { readonly page: "overview"; readonly query: Query }
  | { readonly page: "outbox"; readonly query: Query }
  | { readonly page: "trends"; readonly query: Query }
  | { readonly page: "profile"; readonly profileId: string; readonly query: Query }
  | { readonly page: "item"; readonly profileId: string; readonly subject: string; readonly query: Query }
  | { readonly page: "session"; readonly sessionId: string; readonly query: Query }
  | { readonly page: "flow"; readonly flowId: string; readonly query: Query }
  | { readonly page: "unknown"; readonly path: string; readonly query: Query };

/** A place without filters, as pages name one. */
export type Place =
  | { readonly page: "overview" | "outbox" | "trends" }
  | { readonly page: "profile"; readonly profileId: string }
  | { readonly page: "item"; readonly profileId: string; readonly subject: string }
  | { readonly page: "session"; readonly sessionId: string }
  | { readonly page: "flow"; readonly flowId: string };

/** Pure. The place that a hash names (`#/item/web/issue:12?q=flaky`); never throws, whatever stands there. */
export function readRoute(hash: string): Route {
  const [path = "", search = ""] = splitOnce(hash.replace(/^#/, ""), "?");
  const query = Object.fromEntries(new URLSearchParams(search));
  const [page, first, second, ...more] = path.split("/").filter(Boolean).map(decoded);
  if (more.length === 0) {
    if (page === undefined) return { page: "overview", query };
    if ((page === "outbox" || page === "trends") && first === undefined) return { page, query };
    if (page === "item" && first && second) return { page, profileId: first, subject: second, query };
    if (page === "profile" && first && !second) return { page, profileId: first, query };
    if (page === "session" && first && !second) return { page, sessionId: first, query };
    if (page === "flow" && first && !second) return { page, flowId: first, query };
  }
  return { page: "unknown", path, query };
}

/** Pure. The hash of a place, with the filters that say something. */
export function hashOf(place: Place, query: Query = {}): string {
  const said = Object.entries(query).filter(([, value]) => value !== "");
  const search = said.length > 0 ? `?${new URLSearchParams(said)}` : "";
  return `#/${pathOf(place).map(encoded).join("/")}${search}`;
}

function pathOf(place: Place): readonly string[] {
  switch (place.page) {
    case "overview":
      return [];
    case "outbox":
    case "trends":
      return [place.page];
    case "profile":
      return [place.page, place.profileId];
    case "item":
      return [place.page, place.profileId, place.subject];
    case "session":
      return [place.page, place.sessionId];
    case "flow":
      return [place.page, place.flowId];
  }
}

/** A colon is no harm after a hash, and `issue:12` is what people type. */
const encoded = (part: string): string => encodeURIComponent(part).replaceAll("%3A", ":");

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function splitOnce(text: string, at: string): readonly [string, string] {
  const index = text.indexOf(at);
  return index === -1 ? [text, ""] : [text.slice(0, index), text.slice(index + 1)];
}
