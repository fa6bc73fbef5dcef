import { describe, expect, it } from "vitest";
import { policy } from "../../../test/fixtures/pull-request.ts";
import { host, plain } from "../../../test/support/snapshots.ts";
import { limitsOf, providerSlot, slotsOf } from "../room/slots.ts";
import { backendOf, independenceOf, modelOf } from "./reviewer.ts";

const withSecond = (backend: string | null, model: string | null = null) => ({
  ...policy,
  backend: "claude",
  reviews: { ...policy.reviews, second: { backend, model } },
});
const review = (round: number, lane = "pr-review") => ({ lane, payload: { kind: "pull-request", round } });

describe("who reviews", () => {
  it.each<[string, ReturnType<typeof review>, string | null, string]>([
    ["first: the profile's backend", review(1), "codex", "claude"],
    ["second: the one that is named for it", review(2), "codex", "codex"],
    ["second: the same, where none is named", review(2), null, "claude"],
    ["and who repairs a second time: the profile's", review(2, "pr-fix"), "codex", "claude"],
  ])("%s", (_name, work, second, backend) => {
    expect(backendOf(work, withSecond(second))).toBe(backend);
  });

  it("second: with a model of its own", () => {
    expect(modelOf(review(2), withSecond(null, "opus"), "sonnet")).toBe("opus");
    expect(modelOf(review(1), withSecond(null, "opus"), "sonnet")).toBe("sonnet");
  });

  it.each([
    ["codex", null, /another backend/],
    ["claude", "opus", /a model of its own/],
    [null, "opus", /a model of its own/],
    ["claude", null, /the same backend as the first, in a fresh session/],
    [null, null, /the same backend as the first, in a fresh session/],
  ])("is said as it is: %s with %s", (backend, model, words) => {
    expect(independenceOf(withSecond(backend, model))).toMatch(words);
  });

  it("takes a place of its own backend, within that backend's limit", () => {
    const second = withSecond("codex");
    const work = { ...review(2), traits: plain };
    expect(slotsOf(work, second)).toContain(providerSlot("codex"));
    expect(slotsOf(work, second)).not.toContain(providerSlot("claude"));
    const providers = new Map([
      ["claude", { running: 0, max: 5 }],
      ["codex", { running: 0, max: 1 }],
    ]);
    const limits = limitsOf(work, second, host({ providers }));
    expect(limits).toContainEqual({ slot: providerSlot("codex"), max: 1, because: "provider-full" });
    expect(limits.map(({ slot }) => slot)).not.toContain(providerSlot("claude"));
  });
});
