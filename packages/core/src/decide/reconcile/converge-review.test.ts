import { describe, expect, it } from "vitest";
import type { ChangedRange, ReviewFinding, ReviewLedger } from "../../domain/review.ts";
import { type Converged, convergeReview, type ReviewReport } from "./converge-review.ts";

const headSha = "b".repeat(40);
const finding = (id: string, over: Partial<ReviewFinding> = {}): ReviewFinding => ({
  ...{ id, severity: "blocking", path: "src/a.ts", line: 3, title: `about ${id}`, detail: "" },
  ...over,
});
const nit = (id: string) => finding(id, { severity: "nit" });
const ledger = (open: readonly ReviewFinding[], over: Partial<ReviewLedger> = {}): ReviewLedger => ({
  ...{ headSha: "a".repeat(40), open, closed: [], stuckRounds: 0 },
  ...over,
});
const passes = (over: Partial<ReviewReport> = {}): ReviewReport => ({
  ...{ outcome: "approved", findings: [], resolved: [] },
  ...over,
});
const asks = (over: Partial<ReviewReport> = {}): ReviewReport => ({ ...passes(over), outcome: "changes-requested" });
const changedHere: readonly ChangedRange[] = [{ path: "src/a.ts", from: 1, to: 5 }];
const changedElsewhere: readonly ChangedRange[] = [{ path: "src/a.ts", from: 10, to: 12 }];

const converge = (
  report: ReviewReport,
  before: ReviewLedger | null,
  changed: readonly ChangedRange[] | null = changedHere,
) => convergeReview(report, before, { headSha, changed, maxStuckRounds: 2 });
const verdictOf = (converged: Converged) => {
  if (converged.kind === "invalid") throw new Error(converged.problems.join("; "));
  return converged;
};
const idsOf = (open: readonly ReviewFinding[]) => open.map(({ id }) => id);

describe("a verdict after earlier rounds", () => {
  it.each<[string, ReviewReport, ReviewLedger | null, string, string[]]>([
    ["a first review passes", passes(), null, "approved", []],
    ["a first review asks for changes", asks({ findings: [finding("f1")] }), null, "changes-requested", ["f1"]],
    ["a first review asks in words alone", asks(), null, "changes-requested", []],
    ["minor findings keep nothing from passing", passes({ findings: [nit("n1")] }), null, "approved", ["n1"]],
    [
      "what blocks does, whatever the outcome says",
      passes({ findings: [finding("f1")] }),
      null,
      "changes-requested",
      ["f1"],
    ],
    ["all is resolved", passes({ resolved: ["f1"] }), ledger([finding("f1")]), "approved", []],
    [
      "an open one that nobody speaks of stays, and blocks",
      passes(),
      ledger([finding("f1")]),
      "changes-requested",
      ["f1"],
    ],
    [
      "one of two is resolved",
      asks({ resolved: ["f1"] }),
      ledger([finding("f1"), finding("f2")]),
      "changes-requested",
      ["f2"],
    ],
    [
      "an open nit does not block",
      passes({ resolved: ["f1"] }),
      ledger([finding("f1"), nit("n1")]),
      "approved",
      ["n1"],
    ],
    [
      "a new one on what changed",
      asks({ resolved: ["f1"], findings: [finding("f2")] }),
      ledger([finding("f1")]),
      "changes-requested",
      ["f2"],
    ],
    [
      "one that is listed again as a trifle still blocks",
      passes({ findings: [nit("f1")] }),
      ledger([finding("f1")]),
      "changes-requested",
      ["f1"],
    ],
    [
      "one that weighs more now blocks",
      passes({ findings: [finding("n1")] }),
      ledger([nit("n1")]),
      "changes-requested",
      ["n1"],
    ],
    [
      "one that weighs less is resolved, and said anew under another id",
      passes({ resolved: ["f1"], findings: [nit("n1")] }),
      ledger([finding("f1")]),
      "approved",
      ["n1"],
    ],
  ])("%s", (_name, report, before, verdict, open) => {
    const converged = verdictOf(converge(report, before));
    expect([converged.verdict, idsOf(converged.ledger.open)]).toEqual([verdict, open]);
    expect(converged.ledger.headSha).toBe(headSha);
  });

  it("names the open findings by which an approval does not count", () => {
    expect(verdictOf(converge(passes(), ledger([finding("f1"), nit("n1")]))).blocking).toEqual(["f1"]);
    expect(verdictOf(converge(asks(), ledger([finding("f1")]))).blocking).toEqual([]);
  });

  it("keeps the newest words on a finding that stays, and remembers what was resolved", () => {
    const report = asks({ resolved: ["f1"], findings: [finding("f2", { title: "still so" })] });
    const { ledger: after } = verdictOf(converge(report, ledger([finding("f1"), finding("f2")], { closed: ["f0"] })));
    expect(after.open).toEqual([finding("f2", { title: "still so" })]);
    expect(after.closed).toEqual(["f0", "f1"]);
  });
});

describe("a report is invalid", () => {
  const before = ledger([finding("f1")], { closed: ["f0"] });
  it.each<[string, ReviewReport, ReviewLedger | null, RegExp]>([
    ["when it resolves an id that never was", passes({ resolved: ["f9"] }), before, /"f9" is no open finding/],
    ["when it resolves in a first review", passes({ resolved: ["f1"] }), null, /"f1" is no open finding/],
    ["when it resolves what was resolved already", passes({ resolved: ["f0"] }), before, /"f0" is no open finding/],
    ["when it resolves an id twice", passes({ resolved: ["f1", "f1"] }), before, /"f1" is there twice/],
    ["when it finds an id twice", asks({ findings: [finding("f2"), finding("f2")] }), before, /"f2" is there twice/],
    ["when a resolved id comes back", asks({ findings: [finding("f0")] }), before, /"f0" was resolved before/],
    [
      "when an id is resolved and found",
      asks({ resolved: ["f1"], findings: [finding("f1")] }),
      before,
      /among the findings/,
    ],
    [
      "when more would be open than anybody can look after",
      asks({ findings: Array.from({ length: 30 }, (_, index) => finding(`g${index}`)) }),
      before,
      /31 would be open/,
    ],
  ])("%s", (_name, report, earlier, problem) => {
    expect(converge(report, earlier)).toEqual({ kind: "invalid", problems: [expect.stringMatching(problem)] });
  });
});

describe("rounds without progress", () => {
  const open = ledger([finding("f1"), finding("f2")]);
  const moved = asks({ resolved: ["f1"], findings: [finding("f3", { line: 3 })] });
  it.each<[string, ReviewReport, ReviewLedger | null, readonly ChangedRange[] | null, number]>([
    ["none at a first review", asks({ findings: [finding("f1")] }), null, null, 0],
    ["nothing blocking is resolved", asks(), open, changedHere, 1],
    ["something is resolved and nothing is new", asks({ resolved: ["f1"] }), open, changedHere, 0],
    ["only a nit is resolved", asks({ resolved: ["n1"] }), ledger([finding("f1"), nit("n1")]), changedHere, 1],
    ["a new one lies on what changed", moved, open, changedHere, 0],
    ["all that is new lay there before", moved, open, changedElsewhere, 1],
    [
      "one of the new ones lies on what changed",
      asks({ resolved: ["f1"], findings: [finding("f3"), finding("f4", { line: 11 })] }),
      open,
      changedElsewhere,
      0,
    ],
    [
      "a new one is about a file that changed",
      asks({ resolved: ["f1"], findings: [finding("f3", { line: null })] }),
      open,
      changedElsewhere,
      0,
    ],
    [
      "a new one is about no place",
      asks({ resolved: ["f1"], findings: [finding("f3", { path: null, line: null })] }),
      open,
      changedHere,
      1,
    ],
    ["what changed is not known", moved, open, null, 0],
    [
      "it passed before, and now finds what it had passed",
      asks({ findings: [finding("f3")] }),
      ledger([]),
      changedElsewhere,
      1,
    ],
  ])("%s", (_name, report, before, changed, stuck) => {
    expect(verdictOf(converge(report, before, changed)).ledger.stuckRounds).toBe(stuck);
  });

  it("two in a row go to a person, and what comes after their act counts anew", () => {
    const once = verdictOf(converge(asks(), open));
    expect(once.verdict).toBe("changes-requested");
    const twice = verdictOf(converge(asks(), once.ledger));
    expect(twice.verdict).toBe("not-converging");
    expect([twice.ledger.stuckRounds, idsOf(twice.ledger.open)]).toEqual([0, ["f1", "f2"]]);
  });

  it("one that makes progress in between begins the count again", () => {
    const once = verdictOf(converge(asks(), open));
    const better = verdictOf(converge(asks({ resolved: ["f1"] }), once.ledger));
    expect(verdictOf(converge(asks(), better.ledger)).verdict).toBe("changes-requested");
  });

  it("an approval is an end, however often it went round before", () => {
    const before = ledger([finding("f1")], { stuckRounds: 1 });
    const { verdict, ledger: after } = verdictOf(converge(passes({ resolved: ["f1"] }), before));
    expect([verdict, after.stuckRounds]).toEqual(["approved", 0]);
  });
});
