import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lane, lanes, type Profile, type Session, type Task } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, test } from "vitest";
import { agentPrompt } from "./agent-prompt.ts";

const shipped = fileURLToPath(new URL("../../../templates", import.meta.url));
const profile = {
  repo: { slug: "a/b" },
  prompts: { issue: null },
  verification: { commands: [{ name: "test", command: "npm test" }] },
} as unknown as Profile;
const session = { branch: "agent/demo/issue-7-s1", startSha: "a".repeat(40) } as Session;
const taskOf = (lane: Lane) =>
  ({
    lane,
    result: null,
    reason: null,
    payload: lane.startsWith("pr-")
      ? { kind: "pull-request", number: 7, title: "T", headRef: "feature/x", headSha: "a".repeat(40), baseRef: "main" }
      : { kind: "issue", number: 7, title: "T", body: "B" },
  }) as unknown as Task;
const promptFor = (lane: Lane, templateFolders: readonly string[], own: Profile = profile) =>
  agentPrompt({ profile: own, session, task: taskOf(lane), found: { conflicts: [] }, templateFolders });

test.each([
  ["issue-implementation", "# Implement issue #7 of a/b"],
  ["blocked-recovery", "# Implement issue #7 of a/b"],
  ["scheduled-check", "# Scheduled check of issue #7 in a/b"],
  ["pr-review", "# Review pull request #7 of a/b"],
  ["pr-fix", "# Repair pull request #7 of a/b"],
  ["pr-merge-repair", "# Merge the base into pull request #7 of a/b"],
] as const)("%s has its own prompt", (lane, title) => {
  expect(promptFor(lane, [shipped]).split("\n")[0]).toBe(title);
});

test("a profile's folder wins over ours, lane by lane", () => {
  const folder = join(temporaryFolder(), "templates");
  mkdirSync(folder);
  writeFileSync(join(folder, "pr-review-template.md"), "Look at {PR_DIFF_RANGE}.");
  expect(promptFor("pr-review", [folder, shipped])).toBe("Look at origin/main...HEAD.");
  expect(promptFor("pr-fix", [folder, shipped])).toContain("# Repair pull request #7");
});

test("the file that a profile names for issues is for implementing them, not for checking them", () => {
  const file = join(temporaryFolder(), "mine.md");
  writeFileSync(file, "Mine: {ISSUE_ID}");
  const own = { ...profile, prompts: { issue: file } };
  expect(promptFor("issue-implementation", [shipped], own)).toBe("Mine: 7");
  expect(promptFor("scheduled-check", [shipped], own)).toContain("# Scheduled check");
});

test.each(lanes)("a template that is missing is the user's to put right: %s", (lane) => {
  expect(() => promptFor(lane, [temporaryFolder()])).toThrow(/There is no .*-template\.md in/);
});
