import { expect, test } from "vitest";
import { decideMergeableState, type MergeFacts } from "./decide-mergeable-state.ts";

const good: MergeFacts = {
  mergeable: true,
  isDraft: false,
  rules: null,
  passedChecks: new Set(),
  allChecksPass: true,
  approvals: 0,
  changesRequested: false,
  isBehind: false,
};
const rules = { requiredChecks: ["build"], requiredApprovals: 1, mustBeUpToDate: true };
const met = { ...good, rules, passedChecks: new Set(["build"]), approvals: 1 };

test.each<[string, MergeFacts]>([
  ["clean", good],
  ["unknown", { ...good, mergeable: null, isDraft: true }],
  ["dirty", { ...good, mergeable: false, isDraft: true }],
  ["draft", { ...good, isDraft: true, allChecksPass: false }],
  ["unstable", { ...good, allChecksPass: false }],
  ["clean", { ...good, isBehind: true }],
  ["clean", met],
  ["unstable", { ...met, allChecksPass: false }],
  ["blocked", { ...met, passedChecks: new Set() }],
  ["blocked", { ...met, approvals: 0 }],
  ["blocked", { ...met, changesRequested: true }],
  ["behind", { ...met, isBehind: true }],
  ["blocked", { ...met, isBehind: true, approvals: 0 }],
])("%s: %j", (state, facts) => {
  expect(decideMergeableState(facts)).toBe(state);
});
