import { describe, expect, it } from "vitest";
import { host, plain, policy, served } from "../../../test/support/snapshots.ts";
import type { Provider, ProviderRules } from "../../domain/provider.ts";
import { limitsOf, providerSlot, slotsOf } from "../room/slots.ts";
import { chooseProviders, hasFailover } from "./choose-providers.ts";

const by = (backend: string, model: string | null = null, pool: string | null = null): Provider => ({
  ...{ backend, model, account: pool ?? backend, pool },
});
const pools = [by("claude", "opus", "main"), by("codex", null, "spare")];
const rules: ProviderRules = {
  usual: pools,
  lanes: { "pr-review": [by("codex", "gpt")] },
  rules: [
    { labels: ["docs", "chore"], providers: [by("claude", "haiku")] },
    { labels: ["chore"], providers: [by("shell")] },
  ],
  models: { big: [by("claude", "opus")], Small: [by("claude", "haiku")] },
  ownModels: { claude: "sonnet", codex: null },
};

const withSecond = (backend: string | null, model: string | null = null, providers?: ProviderRules) => ({
  ...policy({ backend: "claude" }),
  ...(providers ? { providers } : {}),
  reviews: { ...policy().reviews, second: { backend, model } },
});
const review = (round: number, lane = "pr-review") => ({ lane, payload: { kind: "pull-request", round } });
const issue = { lane: "issue-implementation", payload: {} };

/** `backend model`, one after the other. */
const chosen = (
  work: { lane: string; payload?: unknown },
  labels: readonly string[],
  of: Parameters<typeof chooseProviders>[2],
) => {
  const found = chooseProviders(work, labels, of);
  if (found.kind === "unknown") return `unknown: ${found.detail}`;
  return found.providers.map(({ backend, model }) => `${backend} ${model}`).join(", ");
};

describe("who serves a piece of work", () => {
  const all = { ...policy({ backend: "claude" }), providers: rules };
  it.each([
    ["all work: the pools in their order", issue, [], "claude opus, codex null"],
    ["a lane of its own", review(1), [], "codex gpt"],
    ["a rule for one of its labels, whatever its case", issue, ["DOCS"], "claude haiku"],
    ["the first rule that fits", issue, ["chore"], "claude haiku"],
    ["a rule before its lane", review(1), ["docs"], "claude haiku"],
    ["its own label before every rule", review(1), ["docs", "agent-model:big"], "claude opus"],
    ["its own label, whatever its case", issue, ["Agent-Model:SMALL"], "claude haiku"],
    ["two labels that say the same", issue, ["agent-model:big", "AGENT-MODEL:big"], "claude opus"],
    [
      "a name that is none",
      issue,
      ["agent-model:huge"],
      "unknown: label agent-model:huge; the profile names big, Small",
    ],
    ["a name of an object's own", issue, ["agent-model:constructor"], /^unknown: label agent-model:constructor/],
    ["several names", issue, ["agent-model:big", "agent-model:small"], /^unknown: labels for big and small/],
  ])("%s", (_, work, labels, expected) => {
    if (typeof expected === "string") expect(chosen(work, labels, all)).toBe(expected);
    else expect(chosen(work, labels, all)).toMatch(expected);
  });

  it("without any rules is the profile's backend, and a label names nothing", () => {
    expect(chosen(issue, [], policy({ backend: "codex" }))).toBe("codex null");
    expect(chosen(issue, ["agent-model:x"], policy())).toBe("unknown: label agent-model:x; the profile names none");
  });

  it("makes a difference only where a list has more than one", () => {
    expect([hasFailover(policy()), hasFailover(all)]).toEqual([false, true]);
  });
});

describe("who reviews", () => {
  it.each<[string, ReturnType<typeof review>, string | null, string]>([
    ["first: the profile's backend", review(1), "codex", "claude null"],
    ["second: the one that is named for it", review(2), "codex", "codex null"],
    ["second: the same, where none is named", review(2), null, "claude null"],
    ["and who repairs a second time: the profile's", review(2, "pr-fix"), "codex", "claude null"],
  ])("%s", (_name, work, second, backend) => {
    expect(chosen(work, [], withSecond(second))).toBe(backend);
  });

  it("second: with a model of its own", () => {
    expect(chosen(review(2), [], withSecond(null, "opus"))).toBe("claude opus");
    expect(chosen(review(1), [], withSecond(null, "opus"))).toBe("claude null");
  });

  it("second: whatever the item's label says, with the account and the model that the profile has for that backend", () => {
    expect(chosen(review(2), ["agent-model:big"], withSecond("codex", null, rules))).toBe("codex null");
    expect(chosen(review(2), [], withSecond("claude", null, rules))).toBe("claude sonnet");
    const second = withSecond("codex", "o", { ...rules, lanes: {} });
    expect(chooseProviders(review(2), [], second)).toMatchObject({ providers: [{ model: "o", pool: "spare" }] });
  });

  it("takes a place of its own backend, within that backend's limit", () => {
    const work = { lane: "pr-review", traits: plain };
    const codex = served("codex");
    expect(slotsOf(work, policy(), codex)).toContain(providerSlot("codex"));
    expect(slotsOf(work, policy(), codex)).not.toContain(providerSlot("claude"));
    const providers = new Map([
      ["claude", { running: 0, max: 5 }],
      ["codex", { running: 0, max: 1 }],
    ]);
    const limits = limitsOf(work, policy(), host({ providers }), codex);
    expect(limits).toContainEqual({ slot: providerSlot("codex"), max: 1, because: "provider-full" });
    expect(limits.map(({ slot }) => slot)).not.toContain(providerSlot("claude"));
  });
});
