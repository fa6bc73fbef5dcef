import { type Fetched, fetchJson } from "../fetch-json.ts";
import { askWhoIAm, type Known, meNow } from "./me.ts";

/** What the server says of an act that was done. */
export interface Performed {
  readonly act: string;
  readonly status: string;
  readonly message: string;
}

/** Asks the server to do it, once. After a new start of the dashboard the page has an old word: it asks for the new one. */
export async function performAct(name: string, body: object): Promise<Fetched<Performed>> {
  const first = await sendAct(name, body, meNow());
  if (first.ok) return first;
  if (first.status === 401) void askWhoIAm();
  return first.code === "csrf-missing" ? sendAct(name, body, await askWhoIAm()) : first;
}

/** Ends this browser's login. */
export async function logOut(): Promise<void> {
  await post("/api/v1/logout", {}, meNow());
  await askWhoIAm();
}

const sendAct = (name: string, body: object, known: Known) =>
  post<Performed>(`/api/v1/acts/${encodeURIComponent(name)}`, body, known);

function post<T>(path: string, body: object, known: Known): Promise<Fetched<T>> {
  const csrf = known.kind === "me" ? known.me.csrf : null;
  const headers = { "content-type": "application/json", ...(csrf === null ? {} : { "x-acp-csrf": csrf }) };
  return fetchJson<T>(path, undefined, { method: "POST", headers, body: JSON.stringify(body) });
}
