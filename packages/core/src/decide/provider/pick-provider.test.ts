import { describe, expect, it } from "vitest";
import { minute, now, quota } from "../../../test/support/snapshots.ts";
import type { Provider, Quota } from "../../domain/provider.ts";
import { inOrderOfTrying, pickProvider } from "./pick-provider.ts";
import { accountSlots } from "./quota-covers.ts";

const by = (account: string, model: string | null = null): Provider => ({
  ...{ backend: "claude", model, account, pool: account },
});
const [a, b, big] = [by("a"), by("b"), by("a", "opus")];
const of = (account: string, over: Partial<Quota> = {}) => quota({ account, backend: "claude", ...over });
const later = { resetAt: now + 2 * minute };
const over = { resetAt: now };
const trying = (provider: Provider) => new Map(accountSlots(provider).map((slot) => [slot, 1]));
const at = (ms: number) => new Date(now + ms).toISOString();

function picked(list: readonly Provider[], quotas: readonly Quota[], taken: ReadonlyMap<string, number> = new Map()) {
  const found = pickProvider(list, quotas, taken, now);
  if (found.kind === "hold") return `${found.because}: ${found.detail}`;
  return `${found.provider.account} ${found.provider.model}${found.within.map(({ slot }) => `, alone in ${slot}`).join("")}`;
}

describe("the provider that serves", () => {
  it.each<[string, readonly Provider[], readonly Quota[], ReadonlyMap<string, number>, string]>([
    ["is the first", [a, b], [], new Map(), "a null"],
    ["is the next one while the first has a limit", [a, b], [of("a")], new Map(), "b null"],
    [
      "is the first with another model while one model has a limit",
      [a, big],
      [of("a", { model: "default" })],
      new Map(),
      "a opus",
    ],
    ["is no other model of an account that has a limit", [a, big, b], [of("a")], new Map(), "b null"],
    [
      "is none while all have a limit, and the first to be free is named first",
      [a, b],
      [of("a", later), of("b")],
      new Map(),
      `provider-cooldown: claude as b until ${at(minute)} (usage-limit); claude as a until ${at(2 * minute)} (usage-limit)`,
    ],
    [
      "waits for the last of its own limits",
      [big],
      [of("a"), of("a", { model: "opus", window: "quota", ...later })],
      new Map(),
      `provider-cooldown: claude with opus as a until ${at(2 * minute)} (usage-limit)`,
    ],
    ["is alone once its limit is over", [a, b], [of("a", over)], new Map(), "a null, alone in account:a/claude/*"],
    ["is the next one while one session tries the first", [a, b], [of("a", over)], trying(a), "b null"],
    [
      "is none while one session tries the only one",
      [a],
      [of("a", over)],
      trying(a),
      `provider-probing: claude as a: usage-limit ended at ${at(0)}`,
    ],
    [
      "is alone with its model where the limit was one of its model",
      [big, b],
      [of("a", { ...over, model: "opus" })],
      trying(a),
      "a opus, alone in account:a/claude/opus",
    ],
    [
      "is not kept back by other accounts' sessions",
      [a],
      [of("a", over)],
      trying(b),
      "a null, alone in account:a/claude/*",
    ],
    ["is not kept back by its own without a limit", [a], [], trying(a), "a null"],
  ])("%s", (_, list, quotas, taken, expected) => {
    expect(picked(list, quotas, taken)).toBe(expected);
  });

  it("is the one that a conversation was begun with, where that may serve", () => {
    expect(inOrderOfTrying([a, b], b)).toEqual([b, a]);
    expect(inOrderOfTrying([a, b], { ...b, model: "opus" })).toEqual([a, b]);
    expect(inOrderOfTrying([a, b], undefined)).toEqual([a, b]);
    expect(picked(inOrderOfTrying([a, b], b), [of("b")])).toBe("a null");
  });
});
