import { expect, test } from "vitest";
import { branchName, isBranchName } from "./branch-name.ts";

test("a branch is named by profile, issue and session", () => {
  expect(branchName({ profileId: "demo", issueNumber: 12, sessionId: "s-000012-1-3f9a" })).toBe(
    "agent/demo/issue-12-s-000012-1-3f9a",
  );
});

test("whatever an id holds, the name is a safe branch name", () => {
  const name = branchName({ profileId: "De mo/../x", issueNumber: 1, sessionId: "A..B.lock" });
  expect(name).toBe("agent/de-mo-x/issue-1-a-b-lock");
  expect(isBranchName(name)).toBe(true);
});

test.each([0, -1, 1.5, Number.NaN])("issue number %s is refused", (issueNumber) => {
  expect(() => branchName({ profileId: "p", issueNumber, sessionId: "s" })).toThrow(RangeError);
});

test.each(["-x", "a..b", "a/", "a//b", "a/.b", "a.lock", "a.lock/b", "a b", "a\nb", "@{x}", "a@{1}", "a:b", "", "a~1"])(
  "%j is no branch name",
  (name) => expect(isBranchName(name)).toBe(false),
);

test.each(["main", "feature/x", "v1.0", "agent/p/issue-1-s", "dependabot/npm_and_yarn/@types-1"])(
  "%j is a branch name",
  (name) => expect(isBranchName(name)).toBe(true),
);
