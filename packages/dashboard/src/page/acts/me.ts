import type { Me } from "../../server/access/me.ts";
import { fetchJson } from "../fetch-json.ts";
import { Told, useTold } from "./told.ts";

/** `asking`: not known yet; `stranger`: this browser is not logged in, or not any more. */
export type Known =
  | { readonly kind: "asking" }
  | { readonly kind: "stranger" }
  | { readonly kind: "me"; readonly me: Me };

const known = new Told<Known>({ kind: "asking" });

/** Who looks at this page, and what they may do. */
export const useMe = (): Known => useTold(known);

export const meNow = (): Known => known.value;

/** No answer tells nothing new. */
export async function askWhoIAm(): Promise<Known> {
  const fetched = await fetchJson<Me>("/api/v1/me");
  if (fetched.ok) known.tell({ kind: "me", me: fetched.value });
  else if (fetched.status === 401) known.tell({ kind: "stranger" });
  return known.value;
}
