import { describe, expect, it } from "vitest";
import type { Document } from "../live/document.ts";
import { familiesOf, metricsText } from "./metrics-text.ts";

interface Read {
  readonly help: string;
  readonly type: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** Reads the text by its rules, and refuses what breaks one: each family once and whole, HELP and TYPE before its samples. */
function parse(text: string): ReadonlyMap<string, Read> {
  const families = new Map<string, { help: string; type: string; samples: Read["samples"][number][] }>();
  let current = "";
  expect(text.endsWith("\n")).toBe(true);
  for (const line of text.split("\n").filter((line) => line !== "")) {
    const [, kind = "", named = "", rest = ""] = /^# (HELP|TYPE) ([a-z_][a-z0-9_]*) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") {
      expect(families.has(named), `${named} twice`).toBe(false);
      families.set(named, { help: rest, type: "", samples: [] });
      current = named;
    } else if (kind === "TYPE") {
      expect(named).toBe(current);
      (families.get(named) as { type: string }).type = rest;
    } else {
      const [, name, labels = "", value] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (-?[0-9.e+-]+)$/.exec(line) ?? [];
      expect(name, line).toBe(current);
      families.get(current)?.samples.push({ labels: labelsIn(labels), value: Number(value) });
    }
  }
  return families;
}

function labelsIn(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/g)];
  expect(pairs.map(([whole]) => whole).join("")).toBe(text);
  return Object.fromEntries(pairs.map(([, name, value]) => [name, JSON.parse(`"${value}"`)]));
}

const host = {
  ...{ home: "/h", version: "1.2.3", hostRules: null },
  runtimes: [{ alive: true }, { alive: false }],
  allowances: [
    { credential: "a", resource: "core", limit: 5_000, left: 4_321, resetsAt: 1_700_000_000_000, toldAt: 1 },
  ],
  cooldowns: [{ scope: 'forge:a"\\\n}', until: 1_700_000_000_500, reason: "r" }],
  flows: [{ id: "f", name: "n", state: "running", tasks: 10, ended: 4, running: 2, asking: 1 }],
  providers: [],
};

const web = {
  ...{ profileId: "web", running: true, pauses: [], problems: 0, lastTick: { at: 1_700_000_000_000 } },
  live: [
    { lane: "pr-fix", state: "running", kind: "agent", backend: "codex", subject: "pr:1" },
    { lane: "pr-fix", state: "running", kind: "agent", backend: "codex", subject: "pr:2" },
  ],
  ...{ room: { running: 2, most: null }, tasks: { dead: 3 }, retries: [], alerts: [], pulls: [] },
  decisions: [{ verdict: "hold", reason: "lane-full", subject: "issue:4" }],
  needsPerson: [{ code: "needs-human", subject: "issue:3" }],
  ...{ outbox: { pending: 1, failed: 2, heldBack: 3 }, publishedToday: { comment: 4 } },
  spend: { today: { usd: 1.25, tokens: 300 }, limit: { usd: 10, tokens: null } },
};

const machine = {
  ...{ cores: 8, load: 0.5, memory: { totalBytes: 1e9, freeBytes: 5e8 }, disk: { totalBytes: 2e9, freeBytes: 1e9 } },
};

const documents = new Map<string, Document>([
  ["host", host as unknown as Document],
  ["profile:bad", { profileId: "bad", error: "cannot be read" }],
  ["profile:web", web as unknown as Document],
  ["machine", machine],
]);

describe("the metrics", () => {
  it("are read by the rules of the format, each family with what it means", async () => {
    const { text, contentType } = await metricsText(documents);
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const families = parse(text);
    expect([...families.keys()]).toEqual(familiesOf(documents).map(({ name }) => name));
    for (const [name, { help, type }] of families) {
      expect([name, type]).toEqual([expect.stringMatching(/^acp_[a-z_]+$/), "gauge"]);
      expect(help).toMatch(/\.$/);
    }
  });

  it("say what the documents say", async () => {
    const families = parse((await metricsText(documents)).text);
    const samples = (name: string) => families.get(name)?.samples;
    expect(samples("acp_info")).toEqual([{ labels: { version: "1.2.3" }, value: 1 }]);
    expect(samples("acp_runtimes")).toEqual([{ labels: {}, value: 1 }]);
    expect(samples("acp_profile_readable")).toEqual([
      { labels: { profile: "bad" }, value: 0 },
      { labels: { profile: "web" }, value: 1 },
    ]);
    expect(samples("acp_sessions")).toEqual([
      { labels: { profile: "web", lane: "pr-fix", state: "running", kind: "agent", backend: "codex" }, value: 2 },
    ]);
    expect(samples("acp_outbox_writes")?.map(({ labels, value }) => [labels.state, value])).toEqual([
      ["pending", 1],
      ["failed", 2],
      ["held-back", 3],
    ]);
    expect(samples("acp_spend_limit_tokens")).toEqual([]);
    expect(samples("acp_flow_tasks")?.map(({ value }) => value)).toEqual([4, 2, 1, 3]);
    expect(samples("acp_last_tick_timestamp_seconds")).toEqual([{ labels: { profile: "web" }, value: 1_700_000_000 }]);
  });

  it("keep a label's hostile text within its quotes", async () => {
    const families = parse((await metricsText(documents)).text);
    expect(families.get("acp_cooldown_until_timestamp_seconds")?.samples[0]?.labels.scope).toBe('forge:a"\\\n}');
  });

  it("name nothing of which there may be many: no issue, no title, no branch", async () => {
    const { text } = await metricsText(documents);
    expect(text).not.toMatch(/issue:|pr:\d/);
  });
});
