import { describe, expect, it, onTestFinished } from "vitest";
import type { Acts, DashboardOptions } from "../../src/index.ts";
import { serving } from "./serving.ts";

async function started(more: Partial<DashboardOptions> = {}) {
  const server = await serving(more);
  onTestFinished(() => server.close());
  return server;
}

type Server = Awaited<ReturnType<typeof serving>>;

const refresh = (server: Server, headers: Readonly<Record<string, string>>, body: object) =>
  server.ask("/api/v1/refresh", { "content-type": "application/json", ...headers }, "POST", JSON.stringify(body));

/** Answers as the act of the command line, and notes what it was asked. */
function anActor() {
  const asked: unknown[] = [];
  const acts: Acts = {
    names: ["refresh"],
    perform: async (...given) => {
      asked.push(given);
      const { profile } = given[1] as { profile?: string };
      if (profile === "none") return { kind: "refused", code: "not-there", message: "No profile none." };
      return { kind: "done", status: "asked", message: "", result: { asked: ["web"] } };
    },
  };
  return { asked, acts };
}

describe("POST /api/v1/refresh", () => {
  it("reads everything anew and asks no runtime where it only looks", async () => {
    const server = await started();
    const { csrf } = JSON.parse((await server.ask("/api/v1/me")).text);
    const answer = await refresh(server, { "x-acp-csrf": csrf }, {});
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f]+-\d+$/), runtimes: null },
      why: expect.stringContaining("--actions"),
    });
    expect(server.seen.reads).toBe(1);
  });

  it("is refused without the value that only a page of ours can read, and to who is not logged in", async () => {
    const server = await started();
    expect((await refresh(server, {}, {})).status).toBe(403);
    expect((await refresh(server, { "x-acp-csrf": "wrong" }, {})).status).toBe(403);
    const evil = { origin: "http://evil.example", "x-acp-csrf": "wrong" };
    expect((await refresh(server, evil, {})).status).toBe(403);
    expect(server.seen.reads).toBe(0);
    const guarded = await started({ login: { person: "ann", onAddress() {} } });
    expect((await refresh(guarded, {}, {})).status).toBe(401);
  });

  it("asks the runtimes in the name of who is logged in, and not again at once", async () => {
    const { asked, acts } = anActor();
    let address = "";
    const server = await started({
      ...{ acts, login: { person: "ann", onAddress: (next) => (address ||= next) } },
    });
    const { pathname, search } = new URL(address);
    const [cookie = ""] = (await server.ask(pathname + search)).headers["set-cookie"]?.[0]?.split(";") ?? [];
    const { csrf } = JSON.parse((await server.ask("/api/v1/me", { cookie })).text);
    const headers = { cookie, "x-acp-csrf": csrf };

    expect(JSON.parse((await refresh(server, headers, { profile: "none" })).text).error.code).toBe("not-there");
    const answer = await refresh(server, headers, { profile: "web" });
    expect(JSON.parse(answer.text)).toMatchObject({ runtimes: { asked: ["web"] }, why: null });
    expect(asked.at(-1)).toEqual(["refresh", { profile: "web" }, "dashboard:ann"]);
    const again = await refresh(server, headers, { profile: "web" });
    expect(again).toMatchObject({ status: 429, headers: { "retry-after": expect.stringMatching(/^\d+$/) } });
    expect(asked).toHaveLength(2);
  });
});
