import { describe, expect, it } from "vitest";
import { usualGuards } from "../../../test/support/guards.ts";
import type { Delta, DeltaFile, FoundSecret } from "../../domain/delta.ts";
import type { GuardRules } from "../../domain/guard.ts";
import { agentArtefactRoot } from "./agent-artefacts.ts";
import { changesOnlyBlanks } from "./changes-only-blanks.ts";
import { findProblems } from "./find-problems.ts";

const lines = (text: string) => (text === "" ? [] : text.split("\n"));

function file(path: string, removed: string, added: string, status = "modified"): DeltaFile {
  return {
    ...{ path, status, isBinary: false },
    additions: lines(added).length,
    deletions: lines(removed).length,
    added: lines(added).map((text, index) => ({ line: index + 1, text })),
    removed: lines(removed),
  };
}
const change = (...files: readonly DeltaFile[]): Delta => ({ files, passing: [], isCut: false });

function found(delta: Delta, over: Partial<GuardRules> = {}, secrets: readonly FoundSecret[] = []) {
  const problems = findProblems({ delta, secrets }, { ...usualGuards, ...over });
  return problems.map(({ code, verdict, found: [first] }) => `${verdict} ${code}: ${first}`);
}

describe("the size of a change", () => {
  const many = change(...Array.from({ length: 4 }, (_, n) => file(`src/${n}.ts`, "a", "b\nc")));
  it.each<[string, Partial<GuardRules>, readonly string[]]>([
    ["within both limits is nothing", {}, []],
    [
      "in files",
      { scope: { maxFiles: 3, maxLines: null } },
      ["refuse scope-guard-blocked: 4 files changed, at most 3"],
    ],
    [
      "in lines",
      { scope: { maxFiles: null, maxLines: 11 } },
      ["refuse scope-guard-blocked: 12 lines changed, at most 11"],
    ],
    ["without limits is nothing", { scope: { maxFiles: null, maxLines: null } }, []],
    ["of generated files does not count", { scope: { maxFiles: 1, maxLines: 1 }, generated: ["src/**"] }, []],
  ])("%s", (_, over, expected) => expect(found(many, over)).toEqual(expected));

  it("beyond what is read is refused whatever the limits", () => {
    expect(found({ ...many, isCut: true }, { scope: { maxFiles: null, maxLines: null } })[0]).toMatch(/too large/);
  });
});

describe("a protected path", () => {
  it.each([
    ".github/workflows/ci.yml",
    ".GitHub/Workflows/ci.yml",
    "web/AGENTS.md",
    "CLAUDE.md",
    ".cursorrules",
    ".claude/settings.json",
    ".github/copilot-instructions.md",
    "CODEOWNERS",
  ])("%s needs a person, also where it is deleted", (path) => {
    expect(found(change(file(path, "x", "", "deleted")))).toEqual([`approve protected-paths: ${path}`]);
  });

  it("is what the profile says beside those, and is not what it allows", () => {
    const delta = change(file("billing/rates.ts", "1", "2"), file("AGENTS.md", "a", "b"));
    expect(found(delta, { protectedPaths: ["billing/**"] })[0]).toBe(
      "approve protected-paths: billing/rates.ts (protected by the profile)",
    );
    expect(found(delta, { allowedPaths: ["**"] })).toEqual([]);
  });

  it.each([
    ["package-lock.json", "src/a.ts", true],
    ["package-lock.json", "package.json", false],
    ["pnpm-lock.yaml", "packages/web/package.json", false],
    ["web/package-lock.json", "package.json", true],
    ["go.sum", "go.mod", false],
    ["Cargo.lock", "crates/a/Cargo.toml", false],
    ["uv.lock", "setup.cfg", true],
  ])("%s beside %s is one: %s", (lockfile, other, isAlone) => {
    expect(found(change(file(lockfile, "a", "b"), file(other, "c", "d")))).toHaveLength(isAlone ? 1 : 0);
  });
});

describe("a secret", () => {
  const secrets = [{ path: "src/a.ts", line: 7, kind: "a key" }];
  it("is named by file, line and kind", () => {
    expect(found(change(file("src/a.ts", "", "x")), {}, secrets)).toEqual([
      "refuse secret-in-diff: src/a.ts, line 7: a key",
    ]);
  });
  it("in a file that may hold what looks like one is none", () => {
    expect(found(change(file("src/a.ts", "", "x")), { secretsAllowedIn: ["src/*.ts"] }, secrets)).toEqual([]);
  });
});

describe("tests", () => {
  const body = 'it("adds", () => {\n  expect(add(1, 1)).toBe(2);\n});';
  it.each<[string, DeltaFile, string | null]>([
    ["that were deleted", file("a.test.ts", body, "", "deleted"), "a.test.ts: deleted, with 1 test case"],
    ["with a case fewer", file("a.test.ts", body, ""), "a.test.ts: 1 test case fewer, 1 assertion fewer"],
    ["skipped", file("a.test.ts", 'it("adds", f);', 'it.skip("adds", f);'), "a.test.ts: 1 test skipped or singled out"],
    [
      "skipped as a group",
      file("a.test.ts", 'describe("x", f);', 'describe.skip("x", f);'),
      "a.test.ts: 1 test skipped or singled out",
    ],
    [
      "left out for one",
      file("a.test.ts", 'it("b", f);', 'it.only("b", f);'),
      "a.test.ts: 1 test skipped or singled out",
    ],
    [
      "skipped in Python",
      file("tests/test_a.py", "", "@pytest.mark.skip(reason='flaky')"),
      "tests/test_a.py: 1 test skipped or singled out",
    ],
    ["skipped in Go", file("a_test.go", "", '\tt.Skip("later")'), "a_test.go: 1 test skipped or singled out"],
    ["fewer in Go", file("a_test.go", "func TestAdd(t *testing.T) {", ""), "a_test.go: 1 test case fewer"],
    ["fewer in Python", file("tests/test_a.py", "def test_add():", ""), "tests/test_a.py: 1 test case fewer"],
    [
      "with an assertion fewer",
      file("a.test.ts", "expect(a).toBe(1);\nexpect(b).toBe(2);", "expect(a).toBe(1);"),
      "a.test.ts: 1 assertion fewer",
    ],
    ["commented out", file("a.test.ts", "expect(a).toBe(1);", "// expect(a).toBe(1);"), "a.test.ts: 1 assertion fewer"],
    [
      "that always hold",
      file("a.test.ts", "expect(add(1, 1)).toBe(2);", "expect(true).toBe(true);"),
      "a.test.ts: 1 assertion that always holds",
    ],
    ["that were added are no weaker", file("a.test.ts", "", body, "added"), null],
    ["that were moved about are no weaker", file("a.test.ts", body, body), null],
    ["beside no test are none", file("src/a.ts", "expect(1)", ""), null],
    ["of data are none", file("tests/data.json", '"assert": 1', ""), null],
  ])("%s", (_, changed, expected) => {
    expect(found(change(changed))).toEqual(expected === null ? [] : [`approve weakened-tests: ${expected}`]);
  });

  it("of which a file was moved are no weaker", () => {
    const moved = change(file("a.test.ts", body, "", "deleted"), file("sub/a.test.ts", "", body, "added"));
    expect(found(moved)).toEqual([]);
  });

  it("of which an expectation was written anew are shown", () => {
    expect(found(change(file("a.test.ts", "expect(a).toBe(1);", "expect(a).toBe(2);")))).toEqual([
      "flag weakened-tests: a.test.ts: 1 expectation written anew",
    ]);
  });

  it.each(["flag", "approve", "refuse"] as const)("weaker than before: the profile may say %s", (weakenedTests) => {
    const gone = change(file("a.test.ts", body, "", "deleted"));
    expect(found(gone, { weakenedTests })[0]).toMatch(new RegExp(`^${weakenedTests} weakened-tests`));
  });
});

describe("a change of blank space", () => {
  it.each([
    ["blank lines", "a\nb", "a\n\nb", true],
    ["spaces at the end", "a", "a  ", true],
    ["line ends", "a", "a\r", true],
    ["spaces at the beginning, which say something", "a", "  a", false],
    ["a word", "a", "b", false],
  ])("%s", (_, removed, added, isNothing) => {
    expect(changesOnlyBlanks(change(file("a.py", removed, added)))).toBe(isNothing);
  });
  it("is none where a file was added, changed its mode or is binary", () => {
    expect(changesOnlyBlanks(change(file("a", "", "", "added")))).toBe(false);
    expect(changesOnlyBlanks(change(file("a", "", "")))).toBe(false);
    expect(changesOnlyBlanks(change({ ...file("a", "x", "x "), isBinary: true }))).toBe(false);
  });
});

it.each([
  [".claude/settings.local.json", ".claude"],
  ["web/.codex/log", "web/.codex"],
  [".opencode-state/x", ".opencode-state"],
  [".acp/result.json", ".acp"],
  [".Claude/x", ".Claude"],
  [".agent-session.env", ".agent-session.env"],
  ["SOUL.md", "SOUL.md"],
  ["docs/SOUL.md", null],
  ["src/claude/x.ts", null],
  [".pipeline/x", null],
])("of %s an agent tool made %s", (path, root) => {
  expect(agentArtefactRoot(path)).toBe(root);
});
