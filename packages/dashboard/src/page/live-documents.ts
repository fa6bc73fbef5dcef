import { applyChanges, type PlainDocuments } from "../live/apply-changes.ts";

export type Documents = PlainDocuments;

export type Connection = "connecting" | "live" | "lost";

/**
 * Follows the server until the page is closed. The browser connects again by itself and says what it has seen last; only
 * after an answer that ends the stream for good (a login that is over) is it made anew.
 */
export function followDocuments(told: (documents: Documents) => void, connected: (state: Connection) => void): void {
  let documents: Documents = {};
  const stream = new EventSource("/api/v1/events");
  stream.addEventListener("open", () => connected("live"));
  stream.addEventListener("error", () => {
    connected("lost");
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => followDocuments(told, connected), 2_000);
  });
  const tell = (now: Documents) => {
    documents = now;
    told(now);
  };
  stream.addEventListener("state", ({ data }) => tell(JSON.parse(data).documents));
  stream.addEventListener("change", ({ data }) => tell(applyChanges(documents, JSON.parse(data))));
}
