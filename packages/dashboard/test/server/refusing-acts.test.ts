import { UserError } from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serving } from "./serving.ts";
import { withLogin } from "./with-login.ts";

let server: Awaited<ReturnType<typeof withLogin>>;
let own: Awaited<ReturnType<typeof server.logIn>>["own"];
beforeEach(async () => {
  server = await withLogin();
  own = (await server.logIn()).own;
});
afterEach(() => server.close());

const act = (headers: Readonly<Record<string, string>>, body = '{"profile":"web"}', path = "/api/v1/acts/pause") =>
  server.ask(path, headers, "POST", body);

/** Status and code of the refusal; and that nothing was done. */
async function refusal(asked: ReturnType<typeof act>) {
  const { status, text } = await asked;
  expect(server.acted).toEqual([]);
  return [status, JSON.parse(text).error.code];
}

const without = (name: string) => Object.fromEntries(Object.entries(own).filter(([each]) => each !== name));

describe("an act", () => {
  it("is done for who is logged in and whose page asks, in that person's name", async () => {
    const { status, text } = await act({ ...own, origin: server.url, "sec-fetch-site": "same-origin" });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      ...{ act: "pause", status: "paused", message: "Paused.", result: { scope: "web" } },
    });
    expect(server.acted).toEqual([{ name: "pause", body: { profile: "web" }, by: "dashboard:ann" }]);
  });

  it("that cannot be done says why", async () => {
    const { status, text } = await act(own, "{}", "/api/v1/acts/fail");
    expect([status, JSON.parse(text)]).toEqual([
      404,
      { error: { code: "not-there", message: "There is no such thing." } },
    ]);
  });

  it.each([
    ["of another site", { origin: "http://evil.example" }],
    ["of a page without an origin (a sandbox, a file)", { origin: "null" }],
    ["of another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["of this address by another protocol", { origin: "https://127.0.0.1" }],
    ["that a browser calls cross-site", { "sec-fetch-site": "cross-site" }],
    ["that a browser calls same-site", { "sec-fetch-site": "same-site" }],
    ["of a form of another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }],
  ])("%s is refused, whatever else it knows", async (_, headers) => {
    expect(await refusal(act({ ...own, ...headers }))).toEqual([403, "cross-origin"]);
  });

  it.each(["evil.example", "localhost.evil.example", "127.0.0.1", "0.0.0.0"])(
    "for the host %s is refused: a name that was given our address",
    async (host) => {
      expect(await refusal(act({ ...own, host }))).toEqual([403, "wrong-host"]);
      const rebound = { ...own, host: `${host}:${server.port}`, origin: `http://${host}:${server.port}` };
      if (host !== "127.0.0.1") expect(await refusal(act(rebound))).toEqual([403, "wrong-host"]);
    },
  );

  it("without a login, or with one that is none, is refused", async () => {
    expect(await refusal(act(without("cookie")))).toEqual([401, "token-needed"]);
    const cookie = `acp_dashboard_${server.port}=wrong`;
    expect(await refusal(act({ ...own, cookie }))).toEqual([401, "token-needed"]);
    expect(await refusal(act({ ...without("cookie"), authorization: `Bearer ${own.cookie.split("=")[1]}` }))).toEqual([
      401,
      "token-needed",
    ]);
  });

  it("of a login that is over is refused", async () => {
    await server.ask("/api/v1/logout", own, "POST");
    expect(await refusal(act(own))).toEqual([401, "token-needed"]);
  });

  it("without the value that only its own page can read, or with another login's, is refused", async () => {
    expect(await refusal(act(without("x-acp-csrf")))).toEqual([403, "csrf-missing"]);
    expect(await refusal(act({ ...own, "x-acp-csrf": "" }))).toEqual([403, "csrf-missing"]);
    const other = await server.logIn();
    expect(await refusal(act({ ...own, "x-acp-csrf": other.csrf }))).toEqual([403, "csrf-missing"]);
    const inCookie = { ...without("x-acp-csrf"), cookie: `${own.cookie}; x-acp-csrf=${own["x-acp-csrf"]}` };
    expect(await refusal(act(inCookie))).toEqual([403, "csrf-missing"]);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json, text/plain",
    "text/plain; application/json",
    "application/json; charset=utf-16",
    "application/jsonp",
  ])("as %s, which a form of another site can send, is refused", async (type) => {
    expect(await refusal(act({ ...own, "content-type": type }))).toEqual([415, "wrong-type"]);
  });

  it("without a type, or compressed, is refused", async () => {
    expect(await refusal(act(without("content-type")))).toEqual([415, "wrong-type"]);
    expect(await refusal(act({ ...own, "content-encoding": "gzip" }))).toEqual([415, "wrong-type"]);
  });

  it.each(["", "{", "null", "[]", '"text"', "1", '{"a":1}{', `{"a":"${"\u0000"}"}`])(
    "whose body is %j is refused",
    async (body) => {
      expect(await refusal(act(own, body))).toEqual([400, "bad-body"]);
    },
  );

  it("with a body that is too large is refused", async () => {
    const body = JSON.stringify({ reason: "x".repeat(20_000) });
    expect(await refusal(act(own, body))).toEqual([413, "too-large"]);
    expect(await refusal(act({ ...own, "transfer-encoding": "chunked" }, body))).toEqual([413, "too-large"]);
  });

  it("of a name that there is not is refused", async () => {
    expect(await refusal(act(own, "{}", "/api/v1/acts/launch"))).toEqual([404, "unknown-act"]);
    expect(await refusal(act(own, "{}", "/api/v1/acts/__proto__"))).toEqual([404, "unknown-act"]);
    expect(await refusal(act(own, "{}", "/api/v1/acts/"))).toEqual([404, "not-found"]);
  });

  it("is never done by a link", async () => {
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const { status, headers } = await server.ask("/api/v1/acts/pause", own, method);
      expect([status, headers.allow]).toEqual([405, "POST, OPTIONS"]);
    }
    expect(server.acted).toEqual([]);
  });
});

describe("acts that were not asked for", () => {
  it("are refused, also to who is logged in", async () => {
    const looking = await withLogin({ acts: null });
    try {
      const { own, cookie } = await looking.logIn();
      const refused = await looking.ask("/api/v1/acts/pause", own, "POST", "{}");
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([403, "acts-off"]);
      const me = JSON.parse((await looking.ask("/api/v1/me", { cookie })).text);
      expect(me.acts).toEqual({ on: false, why: expect.stringContaining("--actions"), names: [] });
    } finally {
      await looking.close();
    }
  });

  it("are refused where nobody logs in", async () => {
    const open = await serving();
    try {
      const { csrf } = JSON.parse((await open.ask("/api/v1/me")).text);
      const headers = { "x-acp-csrf": csrf, "content-type": "application/json" };
      const refused = await open.ask("/api/v1/acts/pause", headers, "POST", "{}");
      expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([403, "acts-off"]);
    } finally {
      await open.close();
    }
  });

  it("and a login that is missing keep a dashboard from starting", async () => {
    const acts = { names: [], perform: async () => ({ kind: "refused", code: "refused", message: "" }) as const };
    await expect(serving({ acts })).rejects.toThrow(UserError);
    for (const host of ["0.0.0.0", "::", "192.0.2.1"]) await expect(serving({ host })).rejects.toThrow(/--login/);
  });
});
