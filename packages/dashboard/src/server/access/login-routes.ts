import type { Log } from "@agent-control-plane/core";
import type { Context, Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { failed, notStored } from "../answers.ts";
import type { Access } from "./access.ts";
import { csrfRefusal } from "./csrf.ts";
import { loginMs } from "./logins.ts";
import { plainPage } from "./plain-page.ts";

/** `/login?token=...`, and its end. */
export function loginRoutes(app: Hono, access: Access, log: Log): void {
  app.get("/login", (c) => logIn(c, access, log));
  app.post("/api/v1/logout", (c) => csrfRefusal(c, access) ?? logOut(c, access));
}

function logIn(c: Context, access: Access, log: Log): Response {
  const { logins } = access;
  if (logins === null || access.visitorOf(c).kind === "person") return goOn(c);
  // What only looks ahead (a preview, a prefetch) must not use up the address.
  const isAhead = c.req.method !== "GET" || /prefetch|preview/.test(c.req.header("sec-purpose") ?? "");
  const opened = isAhead ? null : logins.open(c.req.query("token") ?? "");
  if (opened === null) {
    log.warn("login refused", { isAhead });
    return loginNeeded(c, "This address was used already, or is of an earlier start.");
  }
  setCookie(c, access.cookieName(), opened.secret, { ...cookie, maxAge: loginMs / 1000 });
  log.info("login", { person: opened.login.person });
  return goOn(c);
}

function logOut(c: Context, access: Access): Response {
  access.logins?.end(access.secretOf(c));
  deleteCookie(c, access.cookieName(), cookie);
  return c.json({ status: "logged-out" }, 200, notStored);
}

const cookie = { path: "/", httpOnly: true, sameSite: "Strict" } as const;

/**
 * A document that goes on, and no redirect: a browser that came by a link of another site would leave out a strict cookie
 * at the end of a redirect, and the token would stay in its history's last entry.
 */
const goOn = (c: Context): Response =>
  c.html(plainPage("Logged in", 'Logged in. <a href="/">Go on</a>', '<meta http-equiv="refresh" content="0;url=/">'), {
    headers: notStored,
  });

/** The place that was wanted stands after the hash of the address, of which only a script in the browser knows. */
const keepsPlace = '<script type="module" src="/login.js"></script>';

/** For people as a page, for programs as every other refusal. */
export function loginNeeded(c: Context, because: string): Response {
  const way = 'The next address is printed by "acp dashboard-login", on the machine where the dashboard runs.';
  const wantsPage = c.req.header("accept")?.includes("text/html") === true;
  if (!wantsPage) return failed(c, 401, "token-needed", `${because} ${way}`);
  const text = `${because} The next address is printed by <code>acp dashboard-login</code>, on the machine where the dashboard runs.`;
  return c.html(plainPage("Login needed", text, keepsPlace), 401, notStored);
}
