import { get } from "node:http";
import { systemClock } from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withLogin } from "./with-login.ts";

let now = 0;
let server: Awaited<ReturnType<typeof withLogin>>;
beforeEach(async () => {
  now = systemClock.now();
  server = await withLogin({ clock: { ...systemClock, now: () => now } });
});
afterEach(() => server.close());

const state = (cookie: string) => server.ask("/api/v1/state", { cookie });

describe("the address that logs in", () => {
  it("gives the browser that opens it a cookie no script and no other site has a use of, and goes on to the page", async () => {
    const answer = await server.open(server.addresses[0]);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<meta http-equiv="refresh" content="0;url=/">');
    expect(answer.headers["cache-control"]).toBe("no-store");
    const cookie = String(answer.headers["set-cookie"]);
    expect(cookie).toMatch(
      new RegExp(`^acp_dashboard_${server.port}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict$`),
    );
    expect(cookie).not.toContain(server.addresses[0]?.searchParams.get("token"));
    expect((await state(cookie.split(";")[0] ?? "")).status).toBe(200);
  });

  it("is of no use a second time; the next one is told", async () => {
    const { cookie } = await server.logIn();
    const again = await server.open(server.addresses[0]);
    expect(again).toMatchObject({ status: 401 });
    expect(again.headers).not.toHaveProperty("set-cookie");
    expect(server.addresses).toHaveLength(2);
    const other = await server.logIn();
    expect(other.cookie).not.toBe(cookie);
    expect((await state(cookie)).status).toBe(200);
  });

  it("is not used up by who looks ahead, nor by who is logged in already", async () => {
    const [address] = server.addresses;
    const path = `${address?.pathname}${address?.search}`;
    expect((await server.ask(path, {}, "HEAD")).status).toBe(401);
    expect((await server.ask(path, { "sec-purpose": "prefetch;prerender" })).status).toBe(401);
    const { cookie } = await server.logIn();
    expect((await server.ask("/login?token=old", { cookie })).status).toBe(200);
    const next = server.addresses[1];
    expect((await server.ask(`${next?.pathname}${next?.search}`, { cookie })).headers).not.toHaveProperty("set-cookie");
    expect(server.addresses).toHaveLength(2);
  });

  it.each(["/login", "/login?token=", "/login?token=wrong", "/login?token=a&token=b"])(
    "%s logs nobody in",
    async (path) => {
      const answer = await server.ask(path);
      expect(answer.status).toBe(401);
      expect(answer.headers).not.toHaveProperty("set-cookie");
      expect(JSON.parse(answer.text).error.code).toBe("token-needed");
    },
  );

  it("of an earlier start logs nobody in, nor does its cookie", async () => {
    const before = await withLogin();
    const { cookie } = await before.logIn();
    const old = before.addresses.at(-1);
    await before.close();
    expect((await server.open(old)).status).toBe(401);
    const named = cookie.replace(/^acp_dashboard_\d+/, `acp_dashboard_${server.port}`);
    expect((await state(named)).status).toBe(401);
  });

  it("is refused to a page that gave its name our address", async () => {
    const [address] = server.addresses;
    const path = `${address?.pathname}${address?.search}`;
    expect((await server.ask(path, { host: `evil.example:${server.port}` })).status).toBe(403);
    expect((await server.ask(path, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
    expect(server.addresses).toHaveLength(1);
  });

  it.each([
    ...["//evil.example", "/%5Cevil.example", "https://evil.example", "%2F%2Fevil.example", "%252F%252Fevil.example"],
    ...["/profile/web", "javascript:alert(1)"],
  ])("goes on to its own page and nowhere else, whatever %s beside the token says", async (wanted) => {
    const named = ["to", "next", "return", "url"].map((name) => `${name}=${wanted}`).join("&");
    const [address] = server.addresses;
    const answer = await server.ask(`${address?.pathname}${address?.search}&${named}`, { referer: wanted });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty("location");
    expect(answer.text.match(/(?:url=|href=")[^"]*/g)).toEqual(['href="/icon.svg', "url=/", 'href="/']);
    expect(answer.text).not.toMatch(/evil|profile|javascript/);
  });

  it("says to a person in a page how to log in, and repeats nothing of what was asked", async () => {
    const answer = await server.ask("/login?token=<script>alert(1)</script>", { accept: "text/html" });
    expect(answer.status).toBe(401);
    expect(answer.headers["content-type"]).toContain("text/html");
    expect(answer.text).toContain("acp dashboard-login");
    expect(answer.text.match(/<script[\s\S]*?<\/script>/g)).toEqual([
      '<script type="module" src="/login.js"></script>',
    ]);
    expect(answer.text).not.toContain("alert");
  });
});

describe("a login", () => {
  it("is over after twelve hours, and the stream that it opened ends", async () => {
    const { cookie } = await server.logIn();
    const headers = { cookie };
    const ended = new Promise<void>((resolve) => {
      get({ host: "127.0.0.1", port: server.port, path: "/api/v1/events", headers }, (answer) => {
        answer.once("data", () => {
          now += 12 * 60 * 60 * 1000;
          server.set("host", { version: "secret" });
        });
        let text = "";
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => {
          expect(text).not.toContain("secret");
          resolve();
        });
      });
    });
    await ended;
    expect((await state(cookie)).status).toBe(401);
  });

  it("is over when its person says so, and not when another site does", async () => {
    const { cookie, own } = await server.logIn();
    expect((await server.ask("/api/v1/logout", { cookie }, "POST")).status).toBe(403);
    expect((await state(cookie)).status).toBe(200);
    const answer = await server.ask("/api/v1/logout", own, "POST");
    expect(answer.status).toBe(200);
    expect(String(answer.headers["set-cookie"])).toContain("Max-Age=0");
    expect((await state(cookie)).status).toBe(401);
  });

  it("tells its page who it is, and that it may act", async () => {
    const { cookie, csrf } = await server.logIn();
    expect(JSON.parse((await server.ask("/api/v1/me", { cookie })).text)).toEqual({
      ...{ person: "ann", until: now + 12 * 60 * 60 * 1000, csrf },
      acts: { on: true, why: null, names: ["pause", "fail"] },
    });
  });
});

describe("the token of programs", () => {
  it("lets them look, and neither act nor log in", async () => {
    const programs = await withLogin({ token: "of-programs" });
    try {
      const bearer = { authorization: "Bearer of-programs", "content-type": "application/json" };
      expect((await programs.ask("/api/v1/state", bearer)).status).toBe(200);
      expect((await programs.ask("/api/v1/state", { authorization: "Bearer of-program" })).status).toBe(401);
      expect((await programs.ask("/api/v1/state", { authorization: "Basic of-programs" })).status).toBe(401);
      expect((await programs.ask("/login?token=of-programs")).status).toBe(401);
      const refused = await programs.ask("/api/v1/acts/pause", bearer, "POST", "{}");
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.text).error.code).toBe("acts-off");
      expect(programs.acted).toEqual([]);
    } finally {
      await programs.close();
    }
  });
});
