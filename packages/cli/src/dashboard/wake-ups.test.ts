import type { ProfileDocument } from "@agent-control-plane/dashboard";
import { describe, expect, it } from "vitest";
import { wakeUpsOf } from "./wake-ups.ts";

const now = 1_000_000;
const nothing = { retries: [], schedule: [], decisions: [], lastTick: null } as const;
const calm = {
  ...{ ...nothing, outbox: { pending: 0, failed: 0, heldBack: 0, waits: null } },
  writes: { pending: [], failed: [], sent: [] },
};
const shared = { cooldowns: [], quotas: [], dayEndsAt: now + 9_000 };
type Given = Parameters<typeof wakeUpsOf>[0];

const held = (reason: string) => ({ decisions: [{ reason }] as unknown as ProfileDocument["decisions"] });
const whatOf = (over: Partial<Given>, also: Partial<Parameters<typeof wakeUpsOf>[1]> = {}) =>
  wakeUpsOf({ ...calm, ...over }, { ...shared, ...also }, now).map(({ what, at }) => [what, at - now]);

describe("what will happen by itself", () => {
  it("comes in the order of its time, without what is over, and ends somewhere", () => {
    const retry = (runAt: number) => ({
      ...{ subject: "issue:1", lane: "pr-fix", attempts: 1, maxAttempts: 3, runAt, reason: "stalled" },
    });
    expect(whatOf({ retries: [retry(now + 20), retry(now), retry(now - 5), retry(now + 10)] })).toEqual([
      ["retry", 10],
      ["retry", 20],
    ]);
    const many = Array.from({ length: 500 }, (_, nth) => retry(now + 1 + nth));
    expect(whatOf({ retries: many })).toHaveLength(20);
  });

  it("names a limit only while it holds something of the profile back", () => {
    const cooldowns = [{ scope: "forge:k", until: now + 30, reason: "asked to" }];
    const key = { account: "a", backend: "codex", model: "*", window: "usage", scope: "a/codex/*/usage" };
    const quota = { ...key, resetAt: now + 40, reason: "usage-limit", source: "guess", seenAt: 1, metAt: 1, hits: 1 };
    const quotas = [quota] as never;
    expect(whatOf({}, { cooldowns, quotas })).toEqual([]);
    expect(whatOf({ lastTick: { forge: "forge-rate-limited" } }, { cooldowns })).toEqual([["cooldown", 30]]);
    expect(whatOf(held("provider-cooldown"), { quotas })).toEqual([["limit", 40]]);
    expect(whatOf(held("day-budget-spent"))).toEqual([["day", 9_000]]);
  });

  it("tells when writes go on that wait for their turn, or for another try", () => {
    const outbox = { ...calm.outbox, pending: 1, waits: { why: "minute" as const, until: now + 50 } };
    const write = (tries: number, nextAt: number) => ({ tries, nextAt }) as Given["writes"]["pending"][number];
    const writes = { ...calm.writes, pending: [write(0, now + 5), write(2, now + 70), write(1, now + 60)] };
    expect(whatOf({ outbox, writes })).toEqual([
      ["outbox", 50],
      ["outbox", 60],
    ]);
  });
});
