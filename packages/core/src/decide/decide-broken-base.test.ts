import { expect, it } from "vitest";
import { candidate, policy, sha, snapshot } from "../../test/support/snapshots.ts";
import type { BaseView, BrokenBaseItem } from "../domain/snapshot.ts";
import { decideBrokenBase } from "./decide-broken-base.ts";
import { decideTick } from "./decide-tick.ts";
import type { Judged } from "./judge-candidates.ts";

const waiting: Judged = {
  subject: "pr:3",
  verdict: { kind: "hold", because: "base-checks-broken", detail: "", lane: "pr-fix" },
  pin: null,
  rows: [],
};

const open: BrokenBaseItem = {
  ...{ episode: 2, cause: "checks", sha: sha(0), greenSha: null, closedAt: null },
  ...{ issue: 40, isRefused: false, issueState: "open" },
};
const over: BrokenBaseItem = { ...open, closedAt: 1 };

const decide = (base: Partial<BaseView>, judged: readonly Judged[] = [], baseBroken: "hold" | "issue" = "issue") => {
  const usual = policy();
  const shown = snapshot({
    policy: { ...usual, pullRequests: { ...usual.pullRequests, baseBroken } },
    forge: {
      ...{ kind: "seen", issues: [], pullRequests: [] },
      base: { branch: "main", sha: sha(0), verdict: "unknown", ...base },
    },
  });
  return decideBrokenBase(shown, judged).map((effect) => {
    if (effect.kind === "open-base-item") return ["open", effect.base.episode, effect.cause];
    if (effect.kind === "close-base-item") return ["close", effect.base.episode, effect.issue];
    return [effect.kind];
  });
};

it.each<[string, Partial<BaseView>, readonly Judged[], readonly unknown[]]>([
  ["a sound base asks for nothing", {}, [], []],
  ["checks that fail on it and on nothing that waits ask for nothing", { failing: ["build"] }, [], []],
  ["checks for which something waits ask for one issue", { failing: ["build"] }, [waiting], [["open", 1, "checks"]]],
  ["so does the profile's verification", { verdict: "broken" }, [], [["open", 1, "verification"]]],
  ["one that is open is not made again", { verdict: "broken", item: open }, [waiting], []],
  [
    "one that is open follows the base's head",
    { checks: "failed", item: { ...open, sha: sha(9) } },
    [],
    [["move-base-item"]],
  ],
  [
    "after one that is over another is made at a later head",
    { verdict: "broken", item: { ...over, sha: sha(9) } },
    [],
    [["open", 3, "verification"]],
  ],
  ["whoever closed it is not told again at the same head", { verdict: "broken", item: over }, [], []],
  [
    "one that somebody closed is over",
    { verdict: "broken", item: { ...open, issueState: "closed" } },
    [],
    [["close", 2, null]],
  ],
  ["green checks close it", { checks: "passed", item: open }, [], [["close", 2, 40]]],
  ["checks that have not finished close nothing", { checks: "unknown", item: open }, [], []],
  ["nothing is closed that is still on its way", { checks: "passed", item: { ...open, issue: null } }, [], []],
  [
    "what the forge refused to make is over without it",
    { checks: "passed", item: { ...open, issue: null, isRefused: true } },
    [],
    [["close", 2, null]],
  ],
  [
    "the forge's checks say nothing of what the profile's found",
    { checks: "passed", item: { ...open, cause: "verification", sha: sha(9) } },
    [],
    [],
  ],
  [
    "work that passed from a later head does",
    { item: { ...open, cause: "verification", sha: sha(9), greenSha: sha(0) } },
    [],
    [["close", 2, 40]],
  ],
])("%s", (_, base, judged, expected) => {
  expect(decide(base, judged)).toEqual(expected);
});

it("a profile that only holds makes no issue, and still closes one it made before", () => {
  expect(decide({ verdict: "broken" }, [], "hold")).toEqual([]);
  expect(decide({ checks: "passed", item: open }, [], "hold")).toEqual([["close", 2, 40]]);
});

it("of issues that wait for a broken base the hold names what they wait for; the one that mends it starts", () => {
  const forge = {
    kind: "seen",
    issues: [candidate(12), candidate(40)],
    pullRequests: [],
    base: { branch: "main", sha: sha(0), verdict: "broken", item: { ...open, cause: "verification" } },
  } as const;
  const { decisions } = decideTick(snapshot({ forge }));
  expect(decisions).toMatchObject([
    { subject: "issue:12", because: "baseline-broken", detail: expect.stringMatching(/, waits for #40$/) },
    { subject: "issue:40", kind: "launch" },
  ]);
});
