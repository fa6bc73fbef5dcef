import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawRequest } from "./raw-request.ts";
import { withLogin } from "./with-login.ts";

let server: Awaited<ReturnType<typeof withLogin>>;
let cookie: string;
let own: readonly string[];
beforeEach(async () => {
  server = await withLogin();
  const login = await server.logIn();
  cookie = `Cookie: ${login.cookie}`;
  own = [cookie, `X-ACP-CSRF: ${login.csrf}`, "Content-Type: application/json"];
});
afterEach(() => server.close());

const host = () => `Host: 127.0.0.1:${server.port}`;
const raw = (lines: readonly string[], body = "") => rawRequest(server.port, lines, body);

describe("a request that no client of ours would send", () => {
  it("is answered when it is as it should be", async () => {
    expect(await raw(["GET /api/v1/state HTTP/1.1", host(), cookie])).toMatchObject({ status: 200 });
    expect(await raw(["GET /api/v1/state HTTP/1.0", host(), cookie])).toMatchObject({ status: 200 });
    const body = '{"profile":"web"}';
    const lines = ["POST /api/v1/acts/pause HTTP/1.1", host(), ...own, `Content-Length: ${body.length}`];
    expect(await raw(lines, body)).toMatchObject({ status: 200 });
  });

  it("of HTTP/1.0 that names no host is refused", async () => {
    for (const line of ["GET / HTTP/1.0", "GET /api/v1/state HTTP/1.0", "POST /api/v1/acts/pause HTTP/1.0"])
      expect((await raw([line, ...own])).status).toBe(400);
    expect(server.acted).toEqual([]);
  });

  it.each([
    ["no host", [] as string[]],
    ["an empty host", ["Host:"]],
    ["two hosts, ours first", ["Host: 127.0.0.1:PORT", "Host: evil.example"]],
    ["two hosts, ours last", ["Host: evil.example", "Host: 127.0.0.1:PORT"]],
    ["a host with a name before it", ["Host: evil.example@127.0.0.1:PORT"]],
    ["a host with a path after it", ["Host: 127.0.0.1:PORT/evil"]],
    ["another host for the server before it", ["Host: evil.example", "X-Forwarded-Host: 127.0.0.1:PORT"]],
    ["a host that is our address as a number", ["Host: 2130706433:PORT"]],
    ["a host with a dot at its end", ["Host: localhost.:PORT"]],
  ])("with %s is refused", async (_, hosts) => {
    const headers = hosts.map((each) => each.replace("PORT", String(server.port)));
    const looked = await raw(["GET /api/v1/state HTTP/1.1", ...headers, cookie]);
    expect([400, 403]).toContain(looked.status);
    expect(looked.body).not.toContain("documents");
    const acted = await raw(["POST /api/v1/acts/pause HTTP/1.1", ...headers, ...own, "Content-Length: 2"], "{}");
    expect([400, 403]).toContain(acted.status);
    expect(server.acted).toEqual([]);
  });

  it("that names another host in its first line is refused by the host that its address names", async () => {
    const lines = [`GET http://evil.example/api/v1/state HTTP/1.1`, "Host: evil.example", cookie];
    expect((await raw(lines)).status).toBe(403);
    const mixed = await raw([`GET http://evil.example/api/v1/state HTTP/1.1`, host(), cookie]);
    expect(mixed.status).toBe(403);
  });

  it("whose path leads out, or is none, finds nothing", async () => {
    for (const path of ["/..%2f..%2fetc/passwd", "//evil.example/login", "/\\evil", "*", "x"]) {
      const { status, body } = await raw([`GET ${path} HTTP/1.1`, host(), cookie]);
      expect([400, 404]).toContain(status);
      expect(body).not.toContain("root:");
    }
  });

  it("with two lengths, or a length and chunks, is refused", async () => {
    const lines = ["POST /api/v1/acts/pause HTTP/1.1", host(), ...own];
    expect((await raw([...lines, "Content-Length: 2", "Content-Length: 3"], "{} ")).status).toBe(400);
    expect(
      (await raw([...lines, "Content-Length: 2", "Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n")).status,
    ).toBe(400);
    expect(server.acted).toEqual([]);
  });
});

describe("a body that does not come", () => {
  it("is not waited for", async () => {
    const lines = ["POST /api/v1/acts/pause HTTP/1.1", host(), ...own, "Content-Length: 100"];
    const { status, head } = await raw(lines, '{"profile"');
    expect(status).toBe(408);
    expect(head.toLowerCase()).toContain("connection: close");
    expect(server.acted).toEqual([]);
  });

  it("is not even read of who may not act", async () => {
    const lines = ["POST /api/v1/acts/pause HTTP/1.1", host(), "Content-Type: application/json", "Content-Length: 100"];
    expect((await raw(lines, "{")).status).toBe(401);
    expect((await raw([...lines, cookie], "{")).status).toBe(403);
  });

  it("of more bytes than it may have is refused before they came, or as soon as they did", async () => {
    const lines = ["POST /api/v1/acts/pause HTTP/1.1", host(), ...own];
    expect((await raw([...lines, "Content-Length: 1000000000"], "{")).status).toBe(413);
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    expect((await raw([...lines, "Transfer-Encoding: chunked"], chunk + chunk)).status).toBe(413);
  });

  it("nor are headers waited for that come byte by byte", async () => {
    const { status } = await raw(["GET / HTTP/1.1", host(), "X-Slow: 1"].slice(0, 2)).catch(() => ({ status: 0 }));
    expect(status).toBe(401);
    expect((await rawRequest(server.port, [], "GET / HTTP/1.1\r\nHo")).status).toBe(408);
  });
});
