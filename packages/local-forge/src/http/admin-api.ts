import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import type { Administration, NewRepository } from "../administration.ts";
import type { WantedChecks } from "../set-checks.ts";
import type { TokenScope } from "../storage/accounts.ts";
import type { BranchRules } from "../storage/branch-rules.ts";
import type { Permission } from "../storage/repositories.ts";
import type { CounterBook } from "./counters.ts";
import type { Fault, FaultBook } from "./faults.ts";
import type { RateLimit, RateResource } from "./rate-limit.ts";

export const adminPrefix = "/_admin";

/** The operator's door for other processes: everything but the health needs the token in `<dataDir>/admin-token`. */
export function createAdminApi(parts: {
  administration: Administration;
  counters: CounterBook;
  faults: FaultBook;
  rate: RateLimit;
  token: string;
}): Hono {
  const { administration, counters, faults, rate } = parts;
  const admin = new Hono().basePath(adminPrefix);
  admin.get("/health", (c) => c.json({ ok: true }));
  admin.use("*", async (c, next) => {
    if (!isToken(c.req.header("authorization"), parts.token)) return c.json({ message: "Bad admin token" }, 401);
    await next();
  });
  admin.post("/users", async (c) => {
    administration.createUser(await c.req.json<{ login: string; siteAdmin?: boolean }>());
    return c.json({}, 201);
  });
  admin.post("/tokens", async (c) => {
    const token = administration.createToken(await c.req.json<{ login: string; scopes?: TokenScope }>());
    return c.json({ token }, 201);
  });
  admin.post("/repositories", async (c) =>
    c.json(await administration.createRepository(await c.req.json<NewRepository>()), 201),
  );
  admin.post("/forks", async (c) => {
    const wanted = await c.req.json<{ repository: string; owner: string; name?: string }>();
    return c.json(await administration.createFork(wanted), 201);
  });
  admin.post("/repositories/delete", async (c) => {
    await administration.deleteRepository((await c.req.json<{ repository: string }>()).repository);
    return c.json({});
  });
  admin.put("/checks", async (c) => c.json(await administration.setChecks(await c.req.json<WantedChecks>())));
  admin.put("/branch-rules", async (c) => {
    const wanted = await c.req.json<{ repository: string; branch: string; rules: Partial<BranchRules> | null }>();
    administration.protectBranch(wanted.repository, wanted.branch, wanted.rules);
    return c.json({});
  });
  admin.post("/merge-queue", async (c) =>
    c.json({ merged: await administration.runMergeQueue((await c.req.json<{ repository: string }>()).repository) }),
  );
  admin.put("/permissions", async (c) => {
    const wanted = await c.req.json<{ repository: string; login: string; level: Permission }>();
    administration.setPermission(wanted.repository, wanted.login, wanted.level);
    return c.json({});
  });
  admin.post("/issues/delete", async (c) => {
    const wanted = await c.req.json<{ repository: string; number: number }>();
    administration.deleteIssue(wanted.repository, wanted.number);
    return c.json({});
  });
  admin.get("/counters", (c) => {
    const since = c.req.query("since");
    return c.json(counters.read(since === undefined ? {} : { since: Number(since) }));
  });
  admin.delete("/counters", (c) => {
    counters.reset();
    return c.json({});
  });
  admin.post("/faults", async (c) => {
    const { matcher, fault } = await c.req.json<{ matcher: WireMatcher; fault: Fault }>();
    const { path, ...rest } = matcher;
    faults.next(path === undefined ? rest : { ...rest, path: new RegExp(path) }, fault);
    return c.json({}, 201);
  });
  admin.delete("/faults", (c) => {
    faults.clear();
    return c.json({});
  });
  admin.put("/rate-limit", async (c) => {
    const wanted = await c.req.json<{ resource: RateResource; limit: number }>();
    rate.setLimit(wanted.resource, wanted.limit);
    return c.json({});
  });
  admin.onError((error, c) => c.json({ message: error.message }, 400));
  return admin;
}

/** A fault's matcher on the wire: the path as the source of a regular expression. */
export interface WireMatcher {
  readonly method?: string;
  readonly path?: string;
  readonly times?: number;
}

function isToken(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? "");
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
