import { type AboutDecision, holdReasons, type RuntimeRow, waitsForPerson } from "@agent-control-plane/core";
import { describe, expect, it } from "vitest";
import { heldKinds } from "./held-kinds.ts";
import { type TroubleFacts, troublesOf } from "./troubles-of.ts";

const now = 1_800_000_000_000;

const facts = (changes: Partial<TroubleFacts>): TroubleFacts => ({
  ...{ now, profileIds: ["web", "shop"], held: [], failedWrites: [], deadTasks: [], quotas: [], asking: [] },
  ...{ daemons: [], ...changes },
});

const held = (reason: string, changes: Partial<AboutDecision> = {}): AboutDecision => ({
  ...{ profileId: "web", subject: "issue:1", lane: "issue-implementation", verdict: "hold", reason, detail: "" },
  ...{ place: null, decidedAt: now, about: null, ...changes },
});

const daemon = (lastTick: RuntimeRow["lastTick"]): RuntimeRow => ({
  ...{ id: "r1", process: { pid: 1, startedMark: "x" }, host: "h", version: "1", profileIds: ["web"] },
  ...{ startedAt: 1, heartbeatAt: now, state: "ready", lastTick },
});

const keysOf = (changes: Partial<TroubleFacts>) => troublesOf(facts(changes)).map(({ key }) => key);

describe("what is wrong now", () => {
  it("is every reason that waits for a person, here or told by something else", () => {
    // Failed writes, limits and what a tick found tell these; people whose review is asked for are told by the forge.
    const elsewhere = [
      "publish-failed",
      "merge-failed",
      "provider-needs-person",
      "forge-refused",
      "reviewers-requested",
    ];
    const waiting = Object.keys(holdReasons).filter(waitsForPerson);
    expect(waiting.filter((reason) => !(reason in heldKinds))).toEqual(
      Object.keys(holdReasons).filter((reason) => elsewhere.includes(reason)),
    );
  });

  it("is one trouble of a profile, or of the host, where one cause holds many items", () => {
    const many = (reason: string) => [1, 2, 3].map((number) => held(reason, { subject: `issue:${number}` }));
    expect(keysOf({ held: many("day-budget-spent") })).toEqual(["budget:web::day-budget-spent"]);
    expect(keysOf({ held: many("blocked") })).toHaveLength(3);
    const low = [held("host-disk-low"), held("host-disk-low", { profileId: "shop" })];
    expect(keysOf({ held: low })).toEqual(["needs-human:::host-disk-low"]);
  });

  it("is nothing that passes by itself, that somebody wanted, or of a profile that was removed", () => {
    const quiet = ["running", "workers-full", "held", "paused", "draft", "backoff"].map((reason) => held(reason));
    expect(keysOf({ held: [...quiet, held("blocked", { profileId: "gone" })] })).toEqual([]);
  });

  it("is on one line, without control characters, and with no address that is none", () => {
    const about = { title: "<b>x</b>\n\u001b[2J\u202eevil", url: "javascript:alert(1)" };
    const [trouble] = troublesOf(facts({ held: [held("blocked", { about, detail: "a\r\nb".repeat(400) })] }));
    expect(trouble).toMatchObject({ title: "<b>x</b> \\u001b[2J\\u202eevil", url: null });
    expect(trouble?.text).not.toMatch(/[\r\n]/);
    expect(trouble?.text.length).toBeLessThanOrEqual(240);
  });

  it.each([
    [
      "rules that are not valid",
      { web: { rules: { state: "last-good", problems: ["a", "b"], since: 5 } } },
      "web:last-good",
    ],
    ["host.yaml", { "host.yaml": { rules: { state: "last-good", problems: ["a"], since: 5 } } }, "host.yaml:last-good"],
    ["a forge that refuses", { web: { forge: "forge-refused", forgeDetail: "401" } }, "web:forge-refused"],
    ["a tick that fails", { web: { error: "it broke" } }, "web:tick-failed"],
  ])("is what a daemon says of %s", (_, lastTick, key) => {
    expect(keysOf({ daemons: [daemon(lastTick)] })).toEqual([`broken-profile:${key}`]);
  });

  it("is no forge that was seen, asks us to wait, or was not looked at yet", () => {
    for (const lastTick of [{ web: { forge: "seen" } }, { web: { forge: "forge-rate-limited" } }, {}, null])
      expect(keysOf({ daemons: [daemon(lastTick)] })).toEqual([]);
  });
});
