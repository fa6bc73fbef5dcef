import { expect, it } from "vitest";
import { ok } from "./finding.ts";
import { runChecks } from "./run-checks.ts";
import type { Check, Scope } from "./scope.ts";

const scope = {} as Scope;
const check = (name: string, look: Check["look"], limitMs = 60_000): Check => ({ name, limitMs, look });

it("a check that hangs is a finding after its time, is told to stop, and keeps no other from ending", async () => {
  let isStopped = false;
  const hanging = check(
    "slow",
    (_, signal) => {
      signal.addEventListener("abort", () => {
        isStopped = true;
      });
      return new Promise(() => {});
    },
    20,
  );
  const ended: string[] = [];
  const results = await runChecks([hanging, check("quick", async () => [ok("quick", "x", "fine")])], scope, (name) =>
    ended.push(name),
  );
  expect(results.map(({ findings }) => findings[0])).toMatchObject([
    { code: "check-timed-out", level: "problem", subject: "slow" },
    { code: "quick", level: "ok" },
  ]);
  expect({ ended, isStopped }).toEqual({ ended: ["quick", "slow"], isStopped: true });
});

it.each([
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no"))],
])("a check that %s is a finding with its words", async (_, look) => {
  const [result] = await runChecks([check("bad", look)], scope);
  expect(result?.findings).toMatchObject([
    { code: "check-failed", level: "problem", subject: "bad", found: expect.stringContaining("no") },
  ]);
});
