import { UserError } from "@agent-control-plane/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serving } from "./serving.ts";

let server: Awaited<ReturnType<typeof serving>>;
beforeEach(async () => {
  server = await serving();
});
afterEach(() => server.close());

const everything = ["/", "/app.js", "/api/v1/state", "/api/v1/profiles/web", "/api/v1/events", "/healthz", "/nothing"];

describe("the server", () => {
  it("refuses every path to a page that gave its name our address, and to one of another site", async () => {
    for (const path of everything) {
      expect(await server.ask(path, { host: "evil.example" })).toMatchObject({ status: 403 });
      expect(await server.ask(path, { origin: "http://evil.example" })).toMatchObject({ status: 403 });
      expect(await server.ask(path, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" })).toMatchObject({
        status: 403,
      });
    }
    expect(server.seen.reads).toBe(0);
  });

  it("tells no other site that it may read, and lets no answer be a script, a frame or a page of another kind", async () => {
    for (const path of everything.filter((path) => path !== "/api/v1/events")) {
      const { headers } = await server.ask(path);
      expect(headers).not.toHaveProperty("access-control-allow-origin");
      expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
      expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'");
      expect(headers["content-security-policy"]).not.toContain("unsafe");
    }
  });

  it("answers what it does not have, and verbs that it does not know, with a reason", async () => {
    expect(JSON.parse((await server.ask("/nothing")).text)).toEqual({
      error: { code: "not-found", message: "Nothing is at /nothing." },
    });
    expect(JSON.parse((await server.ask("/api/v1/profiles/web")).text).error.code).toBe("unknown-profile");
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const refused = await server.ask("/api/v1/state", {}, method);
      expect(refused).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, OPTIONS" } });
      expect(JSON.parse(refused.text).error.code).toBe("wrong-method");
    }
    expect(server.seen.reads).toBe(1);
  });

  it("serves the page's files and no others, wherever a path leads", async () => {
    expect((await server.ask("/")).text).toContain("<title>page</title>");
    const { headers } = await server.ask("/app.js");
    expect(await server.ask("/app.js", { "if-none-match": String(headers.etag) })).toMatchObject({
      status: 304,
      text: "",
    });
    for (const path of [
      "/../package.json",
      "/%2e%2e/package.json",
      "/app.js/../../x",
      "/index.html/..%2f..%2fetc/passwd",
    ])
      expect((await server.ask(path)).status).toBe(404);
  });

  it("gives the state, and of a profile its document", async () => {
    server.set("profile:web", { profileId: "web" });
    expect(JSON.parse((await server.ask("/api/v1/state")).text)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]+-\d+$/),
      documents: { host: { version: "1" }, "profile:web": { profileId: "web" } },
    });
    expect(JSON.parse((await server.ask("/api/v1/profiles/web")).text)).toEqual({ profileId: "web" });
  });
});

describe("a server that others reach", () => {
  it("does not start without a login", async () => {
    await expect(serving({ host: "0.0.0.0" })).rejects.toThrow(UserError);
    await expect(serving({ host: "0.0.0.0" })).rejects.toThrow(/--login/);
  });

  it("answers nobody without the token", async () => {
    const guarded = await serving({ token: "secret" });
    try {
      for (const path of everything) expect((await guarded.ask(path)).status).toBe(401);
      expect((await guarded.ask("/api/v1/state", { authorization: "Bearer wrong" })).status).toBe(401);
      expect((await guarded.ask("/api/v1/state", { authorization: "Bearer secret" })).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});
