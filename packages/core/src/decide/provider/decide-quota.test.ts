import { describe, expect, it } from "vitest";
import { minute, now } from "../../../test/support/snapshots.ts";
import type { ProviderLimit, Quota } from "../../domain/provider.ts";
import type { FailureReason } from "../../domain/reason.ts";
import { limitOf, nextQuota } from "./decide-quota.ts";
import { covers, keyOfLimit } from "./quota-covers.ts";

const hour = 60 * minute;
const ended = (failureReason: FailureReason | null, retryAt: number | null = null) =>
  ({ exitReason: "failed", failureReason, retryAt }) as const;
const provider = { backend: "claude", model: "opus", account: "team", pool: null };

function limit(reason: FailureReason = "usage-limit", retryAt: number | null = null): ProviderLimit {
  const found = limitOf(ended(reason, retryAt), now);
  if (!found) throw new Error(`${reason} is no limit`);
  return found;
}

describe("what an ending says of its provider", () => {
  it.each<[FailureReason, string]>([
    ["usage-limit", "team/claude/*/usage"],
    ["auth-401", "team/claude/*/login"],
    ["auth-failure", "team/claude/*/login"],
    ["account-banned", "team/claude/*/account"],
    ["provider-quota-limit", "team/claude/opus/quota"],
    ["model-unavailable", "team/claude/opus/model"],
  ])("%s is counted by %s", (reason, scope) => {
    const key = keyOfLimit(limit(reason), provider);
    expect(nextQuota(null, key, limit(reason), now).scope).toBe(scope);
    expect(covers(key, provider)).toBe(true);
    expect(covers(key, { ...provider, model: "haiku" })).toBe(scope.includes("*"));
    expect(covers(key, { ...provider, account: "other" })).toBe(false);
    expect(covers(key, { ...provider, backend: "codex" })).toBe(false);
  });

  it.each<[string, Parameters<typeof limitOf>[0]]>([
    ["an error of its own", ended("provider-error")],
    ["a good end", { ...ended("usage-limit"), exitReason: "finished" }],
    ["a stop", { ...ended("usage-limit"), exitReason: "stopped" }],
    ["no reason", ended(null)],
  ])("%s is no limit", (_, ending) => {
    expect(limitOf(ending, now)).toBeNull();
  });

  it.each([
    ["in the past", now - 1, now + minute],
    ["in a hundred years", now + 3e12, now + 8 * 24 * hour],
    ["in an hour", now + hour, now + hour],
  ])("a time %s is kept within reason", (_, retryAt, resetAt) => {
    expect(limit("usage-limit", retryAt)).toMatchObject({ resetAt, source: "structured" });
  });

  it("a time that was read in a sentence is said to be", () => {
    expect(limitOf({ ...ended("usage-limit", now + hour), retrySource: "text" }, now)?.source).toBe("text");
    expect(limit().source).toBe("guess");
  });
});

describe("a limit that is met once more", () => {
  const key = keyOfLimit(limit(), provider);
  const met = (before: Quota | null, of: ProviderLimit, at = now) => nextQuota(before, key, of, at);

  it.each<[FailureReason, readonly number[]]>([
    ["usage-limit", [5, 15, 30, 60, 60]],
    ["auth-401", [15, 30, 60, 60]],
    ["account-banned", [60, 60]],
  ])("without a time, %s waits longer each time it is still there: %j minutes", (reason, minutes) => {
    let [at, quota] = [now, null as Quota | null];
    const waited = minutes.map(() => {
      quota = met(quota, limitOf(ended(reason), at) ?? limit(), at);
      const ms = quota.resetAt - at;
      at = quota.resetAt;
      return ms / minute;
    });
    expect(waited).toEqual(minutes);
    expect(quota?.hits).toBe(minutes.length);
  });

  const guessed = met(null, limit());
  const said = met(null, limit("usage-limit", now + hour));
  it.each<[string, Quota, ProviderLimit, Partial<Quota>]>([
    ["by sessions side by side is one hit, and a guess does not grow", guessed, limit(), { resetAt: now + 5 * minute }],
    [
      "with a time goes before a guess, even an earlier one",
      guessed,
      limit("usage-limit", now + 2 * minute),
      { resetAt: now + 2 * minute, source: "structured" },
    ],
    ["without a time keeps what was said", said, limit(), { resetAt: now + hour, source: "structured" }],
    ["with an earlier time keeps the later one", said, limit("usage-limit", now + 2 * minute), { resetAt: now + hour }],
    ["with a later time keeps that", said, limit("usage-limit", now + 2 * hour), { resetAt: now + 2 * hour }],
  ])("%s", (_, before, of, expected) => {
    expect(met(before, of, now + 1_000)).toMatchObject({ hits: 1, seenAt: now + 1_000, ...expected });
  });

  it("is a second hit once it was over", () => {
    expect(met(said, limit("usage-limit", now + 3 * hour), now + hour)).toMatchObject({
      hits: 2,
      resetAt: now + 3 * hour,
    });
  });
});

it("limits whose windows are told apart are rows of their own, one of a model is that model's, and a login has none", () => {
  const of = (window: "five-hour" | "weekly", isOfModel = false, reason: FailureReason = "usage-limit") =>
    limitOf({ exitReason: "failed", failureReason: reason, retryAt: null, limit: { window, isOfModel } }, now);
  expect(of("five-hour")).toMatchObject({ window: "five-hour", isAccountWide: true });
  expect(of("weekly")).toMatchObject({ window: "weekly", isAccountWide: true });
  expect(of("weekly", true)).toMatchObject({ window: "weekly", isAccountWide: false });
  expect(of("weekly", false, "provider-quota-limit")).toMatchObject({ window: "weekly", isAccountWide: false });
  expect(of("weekly", false, "auth-401")).toMatchObject({ window: "login", isAccountWide: true });
});
