import { describe, expect, it } from "vitest";
import { type Guard, refusal } from "./guard.ts";

const guard: Guard = { hosts: ["127.0.0.1", "localhost", "[::1]"], allowed: [], port: 8765, needsLogin: false };
const own = { host: "127.0.0.1:8765" };

function answer(
  headers: Readonly<Record<string, string>>,
  more: { guard?: Partial<Guard>; method?: string; path?: string; addressed?: string; isKnown?: boolean } = {},
) {
  const asking = {
    method: more.method ?? "GET",
    path: more.path ?? "/",
    addressed: more.addressed ?? headers.host ?? "",
    header: (name: string) => headers[name],
    isKnown: more.isKnown ?? false,
  };
  return refusal({ ...guard, ...more.guard }, asking)?.code ?? "allowed";
}

describe("who may ask the dashboard", () => {
  it.each(["127.0.0.1:8765", "localhost:8765", "[::1]:8765"])("%s is its own name", (host) => {
    expect(answer({ host })).toBe("allowed");
  });

  it.each([
    ...[
      "evil.example:8765",
      "127.0.0.1",
      "127.0.0.1:8766",
      "127.0.0.1:8765.evil.example",
      "localhost.evil.example:8765",
    ],
    ...["", "127.0.0.1:8765@evil.example", "2130706433:8765"],
  ])("a request for the host %j is refused: another site gave its name our address", (host) => {
    expect(answer({ host })).toBe("wrong-host");
    expect(answer({})).toBe("wrong-host");
    expect(answer(own, { addressed: host })).toBe("wrong-host");
  });

  it.each(["http://evil.example", "null", "https://127.0.0.1:8765", "http://127.0.0.1:8766", "http://localhost:8765"])(
    "a request of a page from %s is refused",
    (origin) => expect(answer({ ...own, origin })).toBe("cross-origin"),
  );

  it("its own page may ask, and a browser that sends no Origin but says where from", () => {
    expect(answer({ ...own, origin: "http://127.0.0.1:8765" })).toBe("allowed");
    expect(answer({ ...own, "sec-fetch-site": "same-origin" })).toBe("allowed");
    expect(answer({ ...own, "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).toBe("allowed");
    for (const site of ["cross-site", "same-site"])
      expect(answer({ ...own, "sec-fetch-site": site })).toBe("cross-origin");
  });

  it("a link of another site may open the page, and do nothing else", () => {
    const link = { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect(answer(link)).toBe("allowed");
    expect(answer(link, { method: "POST" })).toBe("cross-origin");
  });

  it("where a login is wanted, only who is known is answered, and others may only log in", () => {
    const login = { guard: { needsLogin: true } };
    expect(answer(own, login)).toBe("token-needed");
    expect(answer(own, { ...login, isKnown: true })).toBe("allowed");
    expect(answer(own, { ...login, path: "/login" })).toBe("allowed");
    expect(answer(own, { ...login, path: "/login.js" })).toBe("allowed");
    expect(answer({ ...own, "sec-fetch-site": "cross-site" }, { ...login, path: "/login.js" })).toBe("cross-origin");
    expect(answer(own, { ...login, path: "/app.js" })).toBe("token-needed");
    expect(answer(own, { ...login, path: "/login/" })).toBe("token-needed");
    expect(answer({ host: "evil.example" }, { ...login, isKnown: true })).toBe("wrong-host");
    expect(answer({ host: "evil.example" }, { ...login, path: "/login" })).toBe("wrong-host");
  });

  it("names that a person allowed are its own, too, also behind a proxy that has another port and speaks TLS", () => {
    const behind = { guard: { allowed: ["box.example", "ops.example:8443"] } };
    for (const host of ["box.example:8765", "box.example", "ops.example:8443"]) {
      expect(answer({ host }, behind)).toBe("allowed");
      for (const scheme of ["http", "https"])
        expect(answer({ host, origin: `${scheme}://${host}` }, behind)).toBe("allowed");
      expect(answer({ host, origin: "https://evil.example" }, behind)).toBe("cross-origin");
      expect(answer({ host }, { ...behind, addressed: "evil.example" })).toBe("wrong-host");
    }
    for (const host of ["box.example:8443", "ops.example", "a.box.example", "box.example.evil.example"])
      expect(answer({ host }, behind)).toBe("wrong-host");
    expect(answer({ ...own, origin: "https://127.0.0.1:8765" }, behind)).toBe("cross-origin");
  });
});
