import { describe, expect, it } from "vitest";
import type { HostDocument } from "../../src/index.ts";
import { readBoard } from "../../src/page/board.ts";
import { itemsOf } from "../../src/page/items.ts";
import { totalsOf } from "../../src/page/overview/totals.ts";
import { standingOf } from "../../src/page/standing.ts";
import { demoDocuments } from "./demo/demo-documents.ts";
import { quietProfile } from "./demo/demo-others.ts";
import { hold, live } from "./demo/demo-rows.ts";

const now = 1_800_000_000_000;
const board = readBoard(Object.fromEntries(demoDocuments(now)));
const standings = Object.fromEntries(board.profiles.map((one) => [one.profileId, standingOf(one, board.host).kind]));

describe("a profile", () => {
  it("stands as its runtime and its file do", () => {
    expect(standings).toEqual({
      ...{ api: "ready", billing: "ready", web: "ready", docs: "stopped" },
      ...{ "data-pipeline": "gone", mobile: "broken" },
    });
  });

  it("is gone since its runtime was last seen, and not when it was stopped or another took over", () => {
    const profile = quietProfile(now, "web", { running: false, state: "stopped" });
    const runtime = (more: object) => ({ id: "r", pid: 7, profileIds: ["web"], startedAt: 1, alive: false, ...more });
    const standing = (...runtimes: object[]) => standingOf(profile, { runtimes } as unknown as HostDocument);
    expect(standing(runtime({ state: "ready", lastSeenAt: 5 }))).toMatchObject({ kind: "gone", since: 5, pid: 7 });
    expect(standing(runtime({ state: "stopped", lastSeenAt: 5 })).kind).toBe("stopped");
    expect(standing(runtime({ state: "ready", alive: true }), runtime({ state: "ready", lastSeenAt: 5 })).kind).toBe(
      "stopped",
    );
  });

  it("is paused when somebody paused it, however ready it is", () => {
    const pauses = [{ scope: "web", actor: "mia", reason: "", at: 1 }];
    expect(standingOf(quietProfile(now, "web", { pauses }), null).kind).toBe("paused");
  });
});

describe("an item", () => {
  it("runs, waits, needs a person or rests", () => {
    const held = hold("web", now);
    const profile = quietProfile(now, "web", {
      live: [live(now, "s-1", "issue:1", 1, null), live(now, "s-2", "issue:9", 1, null)],
      decisions: [
        held("issue:1", "issue-implementation", "lane-full", 1),
        held("issue:2", "issue-implementation", "lane-full", 1),
        held("issue:3", "issue-implementation", "dead-letter", 1),
        held("issue:4", "issue-implementation", "not-opted-in", 1),
        held("issue:5", "issue-implementation", "", 1, { verdict: "launch" }),
      ],
      needsPerson: [{ subject: "issue:3", code: "dead-letter", text: "", act: "", does: null, since: 1 }],
    });
    expect(itemsOf(profile).map(({ subject, state, reason }) => `${subject} ${state} ${reason}`)).toEqual([
      "issue:1 running lane-full",
      "issue:2 waiting lane-full",
      "issue:3 person dead-letter",
      "issue:4 resting not-opted-in",
      "issue:5 waiting starting",
      "issue:9 running running",
    ]);
    expect(itemsOf(profile)).toBe(itemsOf(profile));
  });
});

describe("the figures of the overview", () => {
  it("are of all profiles that can be read", () => {
    expect(totalsOf(board)).toMatchObject({
      ...{ running: 5, room: 10, asking: 5, failedWrites: 1, usdLimit: null },
      ...{ published: { "open-pull-request": 7, merge: 4 }, allowance: { resource: "core" } },
    });
  });
});
