import { expect, it } from "vitest";
import { tallyOf } from "../../scripts/checks.mjs";

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((t) => ({ status: t })) });

it("counts passed, failed and skipped tests over all files", () => {
  const report = { testResults: [file("passed", "passed", "pending", "todo"), file("failed", "failed", "passed")] };
  expect(tallyOf(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

it("counts a file that could not be loaded as a failure", () => {
  expect(tallyOf({ testResults: [file("failed")] }, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it("counts a run that ended badly with only passed tests as a failure", () => {
  expect(tallyOf({ testResults: [file("passed", "passed")] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});
