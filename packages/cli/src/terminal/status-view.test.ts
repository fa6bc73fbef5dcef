import type { Document } from "@agent-control-plane/dashboard";
import { describe, expect, it } from "vitest";
import { changedLines } from "./changed-lines.ts";
import { layOut } from "./lay-out.ts";
import type { Line } from "./line.ts";
import { statusView } from "./status-view.ts";

const now = 10_000_000;
const decision = { profileId: "web", lane: "x", verdict: "hold", detail: "", place: null, decidedAt: 1 };
const session = { id: "s1", subject: "issue:7", kind: "agent", state: "running", backend: "codex", attempt: 1 };

const profile = (more: object = {}): Document => ({
  ...{
    profileId: "web",
    running: true,
    pid: 42,
    state: "ready",
    problems: 0,
    problemTexts: [],
    pauses: [],
    rules: null,
  },
  ...{ lastTick: null, live: [], recent: [], decisions: [], next: [], tasks: {}, titles: {}, needsPerson: [] },
  ...{ publishedToday: {}, retries: [], spend: { today: { usd: 0, tokens: 0 }, limit: { usd: null, tokens: null } } },
  ...{ outbox: { pending: 0, failed: 0, heldBack: 0, waits: null }, writes: { pending: [], failed: [], sent: [] } },
  ...more,
});
const host = (more: object = {}): Document => ({
  ...{ home: "/home/ann", version: "1", runtimes: [], hostRules: null, cooldowns: [], allowances: [], flows: [] },
  ...{ providers: [] },
  ...more,
});
const runtime = { id: "r", pid: 42, profileIds: ["web"], state: "ready", alive: true, lastSeenAt: null };
const textOf = (lines: readonly Line[]) => lines.map((line) => line.map(({ text }) => text).join("")).join("\n");
const shown = (documents: Readonly<Record<string, Document>>) => {
  const { head, body } = statusView(documents, now);
  return textOf([...head, ...body]);
};

describe("the live view", () => {
  it("says what needs a person before what runs, what runs before what waits, and each item once", () => {
    const text = shown({
      host: host({ runtimes: [runtime] }),
      "profile:web": profile({
        live: [
          {
            ...session,
            startedAt: now - 60_000,
            activity: { tool: { name: "Bash", detail: "npm test", since: now - 3_000 } },
          },
        ],
        titles: { "issue:7": "Mend the login" },
        needsPerson: [
          { subject: "issue:8", code: "blocked", text: "it is blocked", act: "take it off", since: now - 1 },
        ],
        decisions: [
          { ...decision, subject: "issue:8", reason: "blocked" },
          { ...decision, subject: "issue:9", reason: "depends-on" },
        ],
      }),
    });
    expect(text.match(/^(Needs a person|Runs|Waits|Profiles)$/gm)).toEqual([
      ...["Needs a person", "Runs", "Waits", "Profiles"],
    ]);
    expect(text).toMatch(/web issue:7 +running +60 s +codex +Bash npm test \(3 s\) {2}Mend the login/);
    expect(text.match(/issue:8/g)).toHaveLength(1);
    expect(text).toMatch(/1 running {2}2 wait {2}1 for a person/);
  });

  it("says since when nobody serves a profile, and what is wrong with one that cannot be read", () => {
    const gone = { ...runtime, alive: false, lastSeenAt: now - 300_000 };
    const text = shown({
      host: host({ runtimes: [gone] }),
      "profile:bad": { profileId: "bad", error: "its file is no YAML" },
      "profile:web": profile({ running: false, pid: null, state: "stopped" }),
    });
    expect(text).toMatch(/^not running since 5 min/);
    expect(text).toContain("bad  its file is no YAML");
    expect(text).toContain("web  not running since 5 min");
  });

  it("has a line for every row of any window, and says what there is no room for", () => {
    const profiles = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`profile:p${n}`, profile({ profileId: `p${n}` })]),
    );
    const view = statusView({ host: host(), ...profiles }, now);
    for (const rows of [1, 2, 3, 10, 24, 80])
      for (const top of [0, 7, 1_000])
        expect(layOut(view, { rows, columns: 40 }, top, null).lines.length, `${rows}`).toBe(rows);
    expect(textOf(layOut(view, { rows: 10, columns: 40 }, 1_000, null).lines)).toContain("p9");
    expect(textOf(layOut(view, { rows: 10, columns: 40 }, 0, "no store").lines)).toContain("not read: no store");
  });
});

describe("changes as lines", () => {
  it("tell what began, ended and was sent, and nothing of what an agent is just doing", () => {
    const before = { host: host(), "profile:web": profile({ live: [{ ...session, startedAt: 1, activity: null }] }) };
    const busy = { "profile:web": profile({ live: [{ ...session, startedAt: 1, activity: { text: "thinking" } }] }) };
    expect(changedLines(before, { ...before, ...busy })).toEqual([]);
    const write = { id: 3, kind: "comment", number: 7, preview: "done", lastError: null };
    const over = profile({
      recent: [{ ...session, state: "concluded", outcome: "published", exitReason: "finished", summary: "it works" }],
      writes: { pending: [], failed: [], sent: [write] },
    });
    expect(textOf(changedLines(before, { ...before, "profile:web": over }))).toBe(
      "web issue:7  published  s1  it works\nweb #7  sent comment  done",
    );
  });
});
