// docs/openapi.json against a real server on a real store: each route, each answer and each error of it is asked for, and
// what is answered has the documented shape and not a field more.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@agent-control-plane/core";
import { parsePlan } from "@agent-control-plane/core/flow";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHome } from "../../packages/cli/test/dashboard/a-home.ts";
import {
  type Acts,
  type Dashboard,
  type DashboardOptions,
  startDashboard,
} from "../../packages/dashboard/src/index.ts";
import { createApp } from "../../packages/dashboard/src/server/create-app.ts";
import { openapiText } from "../../scripts/docs/openapi/build-openapi.mjs";
import { root } from "../tooling/project-files.ts";

const text = readFileSync(join(root, "docs/openapi.json"), "utf8");
const document = JSON.parse(text);

/** Never answered on purpose here: a fault of ours, and a body that does not arrive (see refusing-acts.test.ts). */
const notAsked = new Set(["500", "408"]);

type Answered = { readonly status: number; readonly type: string; readonly text: string };
type Ask = readonly [method: string, documented: string, path: string, status: number, more?: Asking];
interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of which server; `looking` has no login. */
  readonly of?: "looking" | "acting" | "stranger";
}

const json = { "content-type": "application/json" };
const acts: Acts = {
  names: ["pause", "refresh"],
  perform: async (_name, body) => {
    const { code } = body as { code?: "bad-body" | "not-there" | "refused" };
    if (code) return { kind: "refused", code, message: "as it was asked for" };
    return { kind: "done", status: "paused", message: "Paused.", result: { profiles: [] } };
  },
};

const servers = new Map<string, Dashboard>();
let acting: Readonly<Record<string, string>> = {};
let csrf = "";
let page = "";
let closeHome: () => Promise<void> = async () => {};

beforeAll(async () => {
  page = mkdtempSync(join(tmpdir(), "acp-page-"));
  writeFileSync(join(page, "index.html"), "<!doctype html>");
  writeFileSync(join(page, "openapi.json"), text);
  const { source, close } = await aWorkedHome();
  closeHome = close;
  let address = "";
  const options: DashboardOptions = {
    ...{ source, clock: systemClock, log: quiet, page, host: "127.0.0.1", port: 0, allowedHosts: [] },
    ...{ login: null, token: null, acts: null },
    details: {
      item: (...of) => source.item(...of),
      session: (id) => source.session(id),
      sessionLog: (...of) => source.sessionLog(...of),
      // Its work would have to be made by git first.
      sessionDiff: async (id) =>
        id === "s-web-7" ? { files: [{ path: "a", status: "added" }], patch: "+a\n", truncated: false } : null,
      flow: (id) => source.flow(id),
      series: (of) => source.series(of),
      snapshotFacts: (documents) => source.snapshotFacts(documents),
    },
  };
  servers.set("looking", await startDashboard(options));
  const login = { person: "ann", onAddress: (next: string) => (address ||= next) };
  servers.set("acting", await startDashboard({ ...options, login, acts }));
  const { pathname, search } = new URL(address);
  const cookie = (await fetch(address)).headers.get("set-cookie")?.split(";")[0] ?? "";
  expect(pathname + search).toMatch(/^\/login\?token=/);
  acting = { cookie };
  acting = { cookie, "x-acp-csrf": JSON.parse((await ask("GET", "/api/v1/me", { of: "acting" })).text).csrf };
  csrf = JSON.parse((await ask("GET", "/api/v1/me")).text).csrf;
});

afterAll(async () => {
  for (const server of servers.values()) await server.close();
  await closeHome();
  rmSync(page, { recursive: true, force: true });
});

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** Something of everything: a session at work with a log, a candidate that waits, writes, a flow, a broken profile. */
async function aWorkedHome() {
  const { home, store, source, clock, writeProfile, close } = await openHome("web");
  writeProfile("broken", "id: [\n");
  const runDir = join(home, "run");
  mkdirSync(runDir);
  writeFileSync(join(runDir, "events.jsonl"), '{"at":1,"kind":"text","text":"hello"}\n');
  const subject = "issue:7";
  const { task } = await store.tasks.enqueue({ queue: "web", subject, lane: "issue-implementation" }, "test");
  const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "test", leaseMs: 60_000 });
  if (!claim) throw new Error("not claimed");
  await store.sessions.intend(claim.lease, {
    ...{ id: "s-web-7", profileId: "web", attempt: 1, kind: "agent", subject, lane: "issue-implementation" },
    ...{ backend: "codex", runDir, worktreePath: "/nowhere", branch: "b", startSha: "0" },
  });
  await store.outbox.enqueue(
    [
      {
        ...{ profileId: "web", stream: "web/issue:7", kind: "comment", idempotencyKey: "1" },
        body: { number: 7, body: "hello" },
      },
    ],
    "test",
  );
  const decided = { profileId: "web", lane: "issue-implementation", decidedAt: clock.now() } as const;
  await store.decisions.replace(
    "web",
    [
      { ...decided, subject, verdict: "hold", reason: "leased", detail: "at work", place: null },
      { ...decided, subject: "issue:8", verdict: "hold", reason: "needs-human", detail: "asks", place: null },
      { ...decided, subject: "issue:9", verdict: "hold", reason: "lane-full", detail: "waits", place: 1 },
    ],
    "test",
  );
  const plan =
    "name: p\ntasks:\n  - { id: a, worker: shell, command: 'true' }\n  - { id: b, worker: shell, command: 'true', depends_on: [a] }\n";
  const parsed = await parsePlan(plan, { file: "p.yaml", cwd: home, workers: ["shell"] });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  await store.flows.submit(parsed.plan, { id: "f1abcdef", folder: join(home, "f"), submittedBy: "test" });
  return { source, close };
}

function ask(method: string, path: string, { headers = {}, body, of = "looking" }: Asking = {}): Promise<Answered> {
  const { port } = new URL(servers.get(of === "stranger" ? "acting" : of)?.url ?? "");
  const all = of === "acting" ? { ...acting, ...headers } : headers;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers: all, agent: false }, (answer) => {
      let said = "";
      const type = (answer.headers["content-type"] ?? "").split(";")[0] ?? "";
      const done = () => resolve({ status: answer.statusCode ?? 0, type, text: said });
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
        // A stream does not end by itself.
        if (type === "text/event-stream" && said.includes("\n\n")) {
          done();
          sent.destroy();
        }
      });
      answer.on("end", done);
      answer.on("error", () => {});
    });
    sent.on("error", reject);
    sent.end(body ?? "");
  });
}

const get = (documented: string, path: string, status: number, more: Asking = {}): Ask => [
  ...(["GET", documented, path, status] as const),
  more,
];
const post = (documented: string, status: number, more: Asking, path = documented): Ask => [
  ...(["POST", documented, path, status] as const),
  { headers: { ...json, ...more.headers }, body: more.body ?? "{}", of: more.of ?? "acting" },
];

const session = "/api/v1/sessions/{id}";
const refresh = "/api/v1/refresh";
const act = "/api/v1/acts/{name}";
const pause = "/api/v1/acts/pause";

/** With the answer that each is to get; what any request may be refused for is asked of all below. */
const asked: readonly Ask[] = [
  get("/healthz", "/healthz", 200),
  get("/metrics", "/metrics", 200),
  get("/api/snapshot.json", "/api/snapshot.json", 200),
  get("/api/v1/openapi.json", "/api/v1/openapi.json", 200),
  get("/api/v1/state", "/api/v1/state", 200),
  get("/api/v1/events", "/api/v1/events", 200),
  get("/api/v1/profiles/{id}", "/api/v1/profiles/web", 200),
  get("/api/v1/profiles/{id}", "/api/v1/profiles/broken", 200),
  get("/api/v1/profiles/{id}", "/api/v1/profiles/none", 404),
  get("/api/v1/items/{id}", "/api/v1/items/web:issue:7", 200),
  get("/api/v1/items/{id}", "/api/v1/items/web", 400),
  get("/api/v1/items/{id}", "/api/v1/items/web:issue:70", 404),
  get(session, "/api/v1/sessions/s-web-7", 200),
  get(session, "/api/v1/sessions/none", 404),
  get(`${session}/diff`, "/api/v1/sessions/s-web-7/diff", 200),
  get(`${session}/diff`, "/api/v1/sessions/none/diff", 404),
  get(`${session}/log`, "/api/v1/sessions/s-web-7/log", 200),
  get(`${session}/log`, "/api/v1/sessions/s-web-7/log", 206, { headers: { range: "bytes=0-3" } }),
  get(`${session}/log`, "/api/v1/sessions/s-web-7/log?of=all", 400),
  get(`${session}/log`, "/api/v1/sessions/none/log", 404),
  get(`${session}/log`, "/api/v1/sessions/s-web-7/log", 416, { headers: { range: "bytes=900-" } }),
  get("/api/v1/flows/{id}", "/api/v1/flows/f1abcdef", 200),
  get("/api/v1/flows/{id}", "/api/v1/flows/none", 404),
  get("/api/v1/series", "/api/v1/series?hours=24", 200),
  get("/api/v1/series", "/api/v1/series?hours=0", 400),
  get("/api/v1/me", "/api/v1/me", 200),
  get("/api/v1/me", "/api/v1/me", 200, { of: "acting" }),
  get("/login", "/login", 200, { of: "acting" }),
  post(refresh, 400, { body: "[]" }),
  post(refresh, 404, { body: '{"code":"not-there"}' }),
  post(refresh, 409, { body: '{"code":"refused"}' }),
  post(refresh, 413, { body: JSON.stringify({ x: "y".repeat(20_000) }) }),
  post(refresh, 415, { headers: { "content-type": "text/plain" } }),
  post(refresh, 200, {}),
  post(refresh, 429, {}),
  post(act, 200, {}, pause),
  post(act, 400, { body: '{"code":"bad-body"}' }, pause),
  post(act, 404, { body: '{"code":"not-there"}' }, pause),
  post(act, 404, {}, "/api/v1/acts/none"),
  post(act, 409, { body: '{"code":"refused"}' }, pause),
  post(act, 413, { body: JSON.stringify({ x: "y".repeat(20_000) }) }, pause),
  post(act, 415, { headers: { "content-type": "text/plain" } }, pause),
  // The last one: it ends the login.
  post("/api/v1/logout", 200, {}),
];

const operations: readonly (readonly [string, string, Readonly<Record<string, Described>>])[] = Object.entries(
  document.paths as Readonly<Record<string, Readonly<Record<string, { responses: Record<string, Described> }>>>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { responses }]) => [method.toUpperCase(), path, responses] as const),
);
interface Described {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: AnySchemaObject }>>;
}

/** With no field that is not named: what is answered and not documented is found, too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const names = "properties" in inner && !("additionalProperties" in inner) && inner.type === "object";
  return names ? { ...inner, additionalProperties: false } : inner;
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
ajv.addVocabulary(["components"]);
ajv.addSchema({ $id: "api", components: closed(document.components) as object }, "api");

function problemsOf(schema: AnySchemaObject, value: unknown): readonly string[] {
  const local = JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/', '"api#/'));
  const check = ajv.compile(local);
  check(value);
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function describedOf(method: string, path: string, answered: Answered): Described | undefined {
  const [, , responses] = operations.find(([one, other]) => one === method && other === path) ?? [];
  return responses?.[String(answered.status)];
}

function check(method: string, path: string, answered: Answered): void {
  const described = describedOf(method, path, answered);
  expect([method, path, answered.status, described?.description ?? "not documented"]).not.toContain("not documented");
  const [[type, { schema }] = ["", { schema: {} }]] = Object.entries(described?.content ?? {});
  expect([path, answered.status, answered.type]).toEqual([path, answered.status, type]);
  if (type !== "application/json") return;
  const value = JSON.parse(answered.text);
  expect(problemsOf(schema, value), `${method} ${path} ${answered.status}`).toEqual([]);
  if (answered.status >= 400) expect(described?.description).toContain(`\`${value.error.code}\``);
}

describe("docs/openapi.json", () => {
  it("is up to date (npm run docs)", { timeout: 120_000 }, () => expect(openapiText(root)).toBe(text));

  it("names every route there is, and no other", () => {
    const parts = { live: {}, details: {}, guard: {}, access: {}, acts, log: quiet, clock: systemClock, patienceMs: 1 };
    const files = new Map([["/api/v1/openapi.json", {}]]);
    const routes = createApp({ ...parts, files } as never)
      .routes.filter(({ method }) => method === "GET" || method === "POST")
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect([...routes].sort()).toEqual(operations.map(([method, path]) => `${method} ${path}`).sort());
  });

  it("refuses in this test what is not documented", () => {
    const schema = { $ref: "#/components/schemas/BrokenProfile" };
    expect(problemsOf(schema, { profileId: "a", error: "b" })).toEqual([]);
    expect(problemsOf(schema, { profileId: "a" })).toHaveLength(1);
    expect(problemsOf(schema, { profileId: "a", error: "b", more: 1 })).toHaveLength(1);
  });

  it("says what each answers to those who may not ask", async () => {
    for (const [method, path] of operations) {
      const at = path.replaceAll(/\{\w+\}/g, "x");
      check(method, path, await ask(method, at, { headers: { host: "evil.example" } }));
      check(method, path, await ask(method, at, { headers: { origin: "http://evil.example" } }));
      if (path !== "/login") check(method, path, await ask(method, at, { of: "stranger" }));
    }
    check("POST", refresh, await ask("POST", refresh, { headers: json, body: "{}" }));
    check("GET", "/login", await ask("GET", "/login?token=wrong", { of: "stranger" }));
    check("POST", act, await ask("POST", pause, { headers: { ...json, "x-acp-csrf": csrf }, body: "{}" }));
  });

  it("has the shape of every answer, and every answer that it has is given", async () => {
    const given = new Set<string>();
    for (const [method, documented, path, status, more] of asked) {
      const answered = await ask(method, path, more);
      expect([method, path, answered.status, answered.status === status ? "" : answered.text]).toEqual([
        ...[method, path, status, ""],
      ]);
      check(method, documented, answered);
      given.add(`${method} ${documented} ${status}`);
    }
    const documented = operations.flatMap(([method, path, responses]) =>
      Object.keys(responses)
        .filter((status) => !notAsked.has(status) && status !== "401" && status !== "403")
        .map((status) => `${method} ${path} ${status}`),
    );
    expect(documented.filter((one) => !given.has(one))).toEqual([]);
  });

  it("is for every path that answers OPTIONS and HEAD, and refuses other verbs with what it takes", async () => {
    for (const [method, path] of operations) {
      const at = path.replaceAll(/\{\w+\}/g, "x");
      const taken = method === "GET" ? "GET, HEAD, OPTIONS" : "POST, OPTIONS";
      const options = await fetch(`${servers.get("looking")?.url}${at}`, { method: "OPTIONS" });
      expect([at, options.status, options.headers.get("allow")]).toEqual([at, 204, taken]);
      expect(options.headers.get("access-control-allow-origin")).toBeNull();
      const refused = await fetch(`${servers.get("looking")?.url}${at}`, { method: "PUT" });
      expect([at, refused.status, refused.headers.get("allow")]).toEqual([at, 405, taken]);
      expect(problemsOf({ $ref: "#/components/schemas/ErrorEnvelope" }, await refused.json())).toEqual([]);
      if (method === "GET") expect(await (await fetch(refused.url, { method: "HEAD" })).text()).toBe("");
    }
  });
});
