import { describe, expect, it } from "vitest";
import { assembleChecks, newestRuns, normaliseCheckRun, normaliseStatus } from "./checks.ts";

const run = (extra: object) => normaliseCheckRun({ id: 1, name: "test", status: "completed", ...extra });

it.each([
  [{ status: "queued" }, "pending"],
  [{ status: "in_progress", conclusion: "success" }, "pending"],
  [{ status: "waiting" }, "pending"],
  [{ conclusion: null }, "pending"],
  [{ conclusion: "success" }, "passed"],
  [{ conclusion: "neutral" }, "neutral"],
  [{ conclusion: "skipped" }, "skipped"],
  [{ conclusion: "failure" }, "failed"],
  [{ conclusion: "cancelled" }, "failed"],
  [{ conclusion: "timed_out" }, "failed"],
  [{ conclusion: "action_required" }, "failed"],
  [{ conclusion: "stale" }, "failed"],
  [{ conclusion: "not-yet-invented" }, "failed"],
])("a check run that is %j is %s", (raw, state) => {
  expect(run(raw).state).toBe(state);
});

it.each([
  ["success", "passed"],
  ["pending", "pending"],
  ["failure", "failed"],
  ["error", "failed"],
  ["not-yet-invented", "failed"],
])("a status that is %s is %s", (raw, state) => {
  expect(normaliseStatus({ context: "ci", state: raw }).state).toBe(state);
});

it.each([{}, { id: 1 }, { name: "test" }])("%j is no check run, and not one that passes", (raw) => {
  expect(() => normaliseCheckRun(raw)).toThrow();
});

it("of several runs with one name the newest of each app counts, wherever it stands", () => {
  const runs = [
    run({ id: 9, conclusion: "success", app: { slug: "actions" } }),
    run({ id: 12, conclusion: "failure", app: { slug: "actions" } }),
    run({ id: 3, conclusion: "success", app: { slug: "actions" } }),
    run({ id: 4, conclusion: "neutral", app: { slug: "other" } }),
  ];
  expect(newestRuns(runs).map(({ id, state }) => [id, state])).toEqual([
    [12, "failed"],
    [4, "neutral"],
  ]);
});

it("checks come in one order, however they were listed", () => {
  const named = (name: string) => run({ name, conclusion: "success" });
  const status = normaliseStatus({ context: "b", state: "success" });
  const expected = [
    ["a", "check-run"],
    ["b", "check-run"],
    ["b", "status"],
  ];
  for (const runs of [
    [named("b"), named("a")],
    [named("a"), named("b")],
  ]) {
    expect(assembleChecks(runs, [status]).map(({ name, kind }) => [name, kind])).toEqual(expected);
  }
});

describe("the workflow run of a check", () => {
  it.each([
    ["https://forge/o/r/actions/runs/123/job/456", 123],
    ["https://forge/o/r/actions/runs/123", 123],
    ["https://forge/o/r/actions/runs/12x/job/4", null],
    ["https://forge/o/r/runs/123", null],
    [`https://forge/o/r/actions/runs/${"9".repeat(30)}/`, null],
    [null, null],
  ])("of %s is %s", (details_url, runId) => {
    expect(run({ details_url }).runId).toBe(runId);
  });
});

it("what a check says of its failure is cut to 20 lines and 2,000 characters", () => {
  const long = run({ conclusion: "failure", output: { title: "Bad", summary: "line\n".repeat(50) } }).summary;
  expect(long.split("\n")).toHaveLength(20);
  expect(long.startsWith("Bad\nline")).toBe(true);
  const wide = run({ conclusion: "failure", output: { title: null, summary: `${"x".repeat(1999)}😀` } }).summary;
  expect(wide).toBe("x".repeat(1999));
  expect(run({ conclusion: "success", output: { title: "Fine", summary: "" } }).summary).toBe("");
});

it("only an address of the web is a check's address", () => {
  expect(run({ details_url: "javascript:alert(1)" }).url).toBeNull();
  expect(normaliseStatus({ context: "ci", state: "success", target_url: "https://ci/1" }).url).toBe("https://ci/1");
});
