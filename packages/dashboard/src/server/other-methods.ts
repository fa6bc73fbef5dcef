import type { Hono } from "hono";
import { failed } from "./answers.ts";

/**
 * Every path answers OPTIONS with what it takes, and refuses the rest. No other site learns from it that it may ask: that
 * would take headers that are never sent.
 */
export function otherMethods(app: Hono): void {
  for (const [path, methods] of methodsByPath(app)) {
    const allow = [...methods].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])).join(", ");
    app.options(path, (c) => c.body(null, 204, { allow: `${allow}, OPTIONS` }));
    app.all(path, (c) => {
      c.header("allow", `${allow}, OPTIONS`);
      return failed(c, 405, "wrong-method", `${c.req.method} is not for ${c.req.path}; ${allow} is.`);
    });
  }
}

function methodsByPath({ routes }: Hono): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, method } of routes)
    if (method !== "ALL") found.set(path, (found.get(path) ?? new Set()).add(method));
  return found;
}
