import type { Context } from "hono";
import { notStored } from "../answers.ts";
import type { Access } from "./access.ts";

/** `/api/v1/me`: who the page is looked at by, and what it may do. */
export interface Me {
  /** Null: nobody had to log in, or it is a program. */
  readonly person: string | null;
  /** When this login is over; null: there is none. */
  readonly until: number | null;
  /** For the header `x-acp-csrf` of whatever changes something; null: not needed. */
  readonly csrf: string | null;
  /** `why`: what keeps this visitor from acting, and what to do; null when acts are on. */
  readonly acts: { readonly on: boolean; readonly why: string | null; readonly names: readonly string[] };
}

export function sendMe(c: Context, access: Access, acts: { readonly names: readonly string[] } | null): Response {
  const visitor = access.visitorOf(c);
  const login = visitor.kind === "person" ? visitor.login : null;
  const why = whyNoActs(login !== null, acts !== null);
  const me: Me = {
    person: login?.person ?? null,
    until: login?.until ?? null,
    csrf: access.csrfOf(visitor),
    acts: { on: why === null, why, names: acts?.names ?? [] },
  };
  return c.json(me, 200, notStored);
}

/** Pure. Null: this visitor may act. */
export function whyNoActs(isLoggedIn: boolean, areOn: boolean): string | null {
  if (!areOn) return 'This dashboard only looks. Started with "acp dashboard --actions" it also acts.';
  return isLoggedIn ? null : "Only a person who is logged in may act.";
}
