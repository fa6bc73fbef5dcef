import type { Ending } from "@agent-control-plane/core";
import type { Expected } from "../expectations/index.ts";

/** Pure. What is not as expected, in a few words each; empty when all is. */
export function differences(
  expected: Expected,
  {
    ending,
    files,
    leftOver,
  }: { readonly ending: Ending | null; readonly files: readonly string[]; readonly leftOver: number },
  namedAt: number,
): readonly string[] {
  if (ending === null) return ["no ending"];
  const { exitReason, failureReason, retryAt } = ending;
  const reasons = expected.failureReasons.length === 0 ? [null] : expected.failureReasons;
  const hasUsage = (ending.usage.inputTokens ?? 0) > 0;
  const found: string[] = [];
  if (exitReason !== expected.exitReason) found.push(`${exitReason}, not ${expected.exitReason}`);
  if (!(reasons as readonly unknown[]).includes(failureReason))
    found.push(`${failureReason}, not ${reasons.join("|")}`);
  if (expected.usage === "reported" && !hasUsage) found.push("no usage");
  if (expected.usage === "not reported" && hasUsage) found.push("usage");
  if (files.join() !== expected.files.join()) found.push(`files ${files.join() || "none"}`);
  if (expected.retryAt === "none" && retryAt !== null) found.push("a time to come back");
  if (expected.retryAt === "named" && !isSameMinute(retryAt, namedAt)) found.push(`retry ${asTime(retryAt)}`);
  if (ending.processes.survivors > 0 || leftOver > 0) found.push("processes left");
  return found;
}

/** Some programs name a limit's end to the minute only, and some as a pause from now. */
const isSameMinute = (at: number | null, named: number): boolean => at !== null && Math.abs(at - named) <= 60_000;
const asTime = (at: number | null): string => (at === null ? "unknown" : new Date(at).toISOString());
