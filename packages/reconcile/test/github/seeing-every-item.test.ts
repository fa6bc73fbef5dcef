import { ManualClock } from "@agent-control-plane/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectRepository, openGate } from "../../src/index.ts";
import { forgeCache, slowCooldowns } from "../fixtures/in-memory.ts";
import { json, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

const count = 250;
const at = "2024-01-01T00:00:00Z";
const item = (number: number) => ({
  ...{
    number,
    title: "t",
    body: "",
    html_url: "u",
    state: "open",
    user: { login: "ann" },
    created_at: at,
    updated_at: at,
  },
  labels: [{ name: "agent-ready" }],
  head: { ref: `b${number}`, sha: "a".repeat(40), repo: { full_name: "o/r" } },
  base: { ref: "main" },
});
/** The newest first, as the forge lists them by itself. */
const items = Array.from({ length: count }, (_, index) => item(count - index));

let forge: ScriptedForge;
beforeEach(async () => {
  forge = await startScriptedForge((request, response) => {
    const { searchParams, pathname } = new URL(request.url, forge.url);
    const page = Number(searchParams.get("page") ?? 1);
    const size = Number(searchParams.get("per_page") ?? 30);
    const next = `<${forge.url}${pathname}?${new URLSearchParams({ ...Object.fromEntries(searchParams), page: `${page + 1}` })}>; rel="next"`;
    const body = items.slice((page - 1) * size, page * size);
    json(response, 200, body, { ...(count > page * size ? { link: next } : {}) });
  });
});
afterEach(() => forge.close());

it.each(["openIssues", "openPullRequests"] as const)(
  "%s: those beyond the newest hundred are seen as well, and the oldest comes first",
  async (list) => {
    const clock = new ManualClock();
    const cooldowns = slowCooldowns();
    const gate = openGate({ apiUrl: forge.url, token: "t", tokenOrigin: "test", cooldowns, clock, actor: "test" });
    const { source } = connectRepository(gate, { owner: "o", repo: "r" }, { cache: forgeCache(), clock });
    const seen = await source[list]("agent-ready");
    expect(seen.map(({ number }) => number)).toEqual(items.map(({ number }) => number).toReversed());
  },
);
