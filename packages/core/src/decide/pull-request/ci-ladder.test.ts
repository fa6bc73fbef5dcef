import { describe, expect, it } from "vitest";
import type { Check } from "../../domain/reading.ts";
import { type CiFacts, type CiRung, decideCiRung } from "./ci-ladder.ts";

const rules = { maxCiRefreshes: 2, maxCiRepairs: 2 };

const failed = (name: string, over: Partial<Check> = {}): Check => ({
  name,
  kind: "check-run",
  state: "failed",
  id: 1,
  runId: 11,
  url: null,
  summary: "",
  ...over,
});

const facts = (over: Partial<CiFacts> = {}): CiFacts => ({
  failures: [failed("build")],
  brokenOnBase: [],
  isRefreshing: false,
  ciRefreshesUsed: 0,
  repairFoundNothing: false,
  ciRepairs: [],
  headSha: "present",
  ...over,
});

const repair = (headSha: string, ...checks: string[]) => ({ headSha, checks });
const used = { ciRefreshesUsed: 1 };
const status = failed("build", { kind: "status", id: null, runId: null });

const cases: readonly (readonly [name: string, rung: CiRung, over: Partial<CiFacts>])[] = [
  ["no failure", "none", { failures: [], brokenOnBase: ["build"], ciRepairs: [repair("a", "build")] }],
  ["fails on the base too, the first time", "base-broken", { brokenOnBase: ["build"] }],
  ["fails on the base too, though it was repaired", "base-broken", { ...used, brokenOnBase: ["build", "lint"] }],
  ["one of its failures is its own", "rerun", { failures: [failed("build"), failed("lint")], brokenOnBase: ["build"] }],
  ["another check fails on the base", "rerun", { brokenOnBase: ["lint"] }],
  ["the first failure of this head", "rerun", {}],
  ["the first failure of a head that a repair made", "rerun", { ciRepairs: [repair("a", "build")] }],
  ["the rerun has not shown yet", "rerun", { ...used, isRefreshing: true }],
  ["failed again after the rerun", "repair", used],
  ["there is no run to ask for", "repair", { failures: [status] }],
  ["its own failure has no run to ask for", "repair", { failures: [status, failed("lint")], brokenOnBase: ["lint"] }],
  ["a repair found nothing, and a rerun is left", "rerun", { ...used, repairFoundNothing: true }],
  ["a repair found nothing, and no rerun is left", "parked", { ciRefreshesUsed: 2, repairFoundNothing: true }],
  ["one repair did not help", "repair", { ...used, ciRepairs: [repair("a", "build")] }],
  ["two repairs did not help", "parked", { ...used, ciRepairs: [repair("a", "build"), repair("b", "build")] }],
  ["two tries at one head are one", "repair", { ...used, ciRepairs: [repair("a", "build"), repair("a", "build")] }],
  [
    "a repair of this head is not over",
    "repair",
    { ...used, ciRepairs: [repair("a", "build"), repair("present", "build")] },
  ],
  ["others were to be mended", "repair", { ...used, ciRepairs: [repair("a", "lint"), repair("b", "build", "lint")] }],
  [
    "green in between forgives none",
    "parked",
    { ...used, ciRepairs: [repair("a", "build"), repair("b", "lint"), repair("c", "build")] },
  ],
  [
    "two checks of one name are one failure",
    "parked",
    {
      ...used,
      failures: [failed("build"), failed("build", { id: 2 })],
      ciRepairs: [repair("a", "build"), repair("b", "build")],
    },
  ],
];

describe("the ladder of failed checks", () => {
  it.each(cases)("%s: %s", (_name, rung, over) => {
    expect(decideCiRung(facts(over), rules)).toBe(rung);
  });

  it("goes straight to a repair where the profile wants no reruns, and to a person where it wants no repairs", () => {
    expect(decideCiRung(facts(), { ...rules, maxCiRefreshes: 0 })).toBe("repair");
    expect(decideCiRung(facts(used), { ...rules, maxCiRepairs: 0 })).toBe("parked");
  });

  it("has one rerun before the first repair, however many are allowed", () => {
    expect(decideCiRung(facts(used), { ...rules, maxCiRefreshes: 100 })).toBe("repair");
  });
});
