import { describe, expect, it } from "vitest";
import type { ChangedFile } from "../../domain/evidence.ts";
import type { RiskRules } from "../../domain/policy.ts";
import { assessRisk } from "./pull-request-risk.ts";

const rules: RiskRules = {
  systemBreaking: ["**/migrations/**", ".github/workflows/{release,deploy}*"],
  criticalInfra: ["**/migrations/**", "**/*.sql", ".github/workflows/**", "package.json", "*-lock.yaml", "scripts/**"],
  criticalApp: ["src/{auth,billing}/**"],
  docsOnly: ["docs/**", "*.md"],
  generated: ["dist/**", "*-lock.yaml"],
  tests: ["**/*.test.ts"],
  maxFiles: 3,
  maxLines: 100,
};

const file = (path: string, over: Partial<ChangedFile> = {}): ChangedFile => ({
  path,
  status: "modified",
  additions: 1,
  deletions: 1,
  ...over,
});
const risk = (...paths: string[]) =>
  assessRisk(
    paths.map((path) => file(path)),
    rules,
  );

describe("the risk tier of a change", () => {
  it.each([
    ["critical-infra: any infrastructure file", ["docs/a.md", "scripts/x.sh"], "critical-infra"],
    ["critical-infra: a migration", ["db/migrations/1.ts"], "critical-infra"],
    ["critical-infra before critical-app", ["src/auth/a.ts", "a.sql"], "critical-infra"],
    ["critical-infra even when the file is generated", ["pnpm-lock.yaml"], "critical-infra"],
    ["critical-infra even when the file is a test", ["scripts/x.test.ts"], "critical-infra"],
    ["critical-app: any file of a critical part", ["src/auth/a.ts", "docs/a.md"], "critical-app"],
    ["low: all are documents", ["docs/a.md", "README.md"], "low"],
    ["low: documents, and generated files beside them", ["docs/a.md", "dist/a.js"], "low"],
    ["high: one file that is no document", ["docs/a.md", "src/a.ts"], "high"],
    ["high: everything else", ["src/a.ts"], "high"],
    ["high: generated files alone are not low", ["dist/a.js"], "high"],
    ["high: a document in another folder", ["src/README.md"], "high"],
  ] as const)("%s", (_row, paths, tier) => {
    expect(risk(...paths).tier).toBe(tier);
  });

  it("unknown, and never low, when the files could not all be read", () => {
    expect(assessRisk(null, rules)).toMatchObject({ tier: "unknown", tooBroad: null });
  });

  it("unknown, and never low, when a head with changes shows no file", () => {
    expect(assessRisk([], rules).tier).toBe("unknown");
  });

  it("counts both paths of a rename", () => {
    const moved = (path: string, previousPath: string) => [file(path, { status: "renamed", previousPath })];
    expect(assessRisk(moved("docs/a.md", "src/auth/a.ts"), rules).tier).toBe("critical-app");
    expect(assessRisk(moved("src/auth/a.ts", "docs/a.md"), rules).tier).toBe("critical-app");
    expect(assessRisk(moved("docs/a.md", "db/migrations/1.ts"), rules).systemBreaking).toBe(true);
    expect(assessRisk(moved("docs/a.md", "src/a.ts"), rules).tier).toBe("high");
    expect(assessRisk(moved("dist/a.ts", "src/a.ts"), rules).counts).toMatchObject({ product: 1, generated: 0 });
    expect(assessRisk(moved("docs/a.md", "docs/b.md"), rules).tier).toBe("low");
  });

  it("unknown when a rename does not say from where, unless it is critical anyway", () => {
    expect(assessRisk([file("docs/a.md", { status: "renamed" })], rules).tier).toBe("unknown");
    expect(assessRisk([file("a.sql", { status: "renamed" })], rules).tier).toBe("critical-infra");
  });
});

describe("system-breaking files", () => {
  it.each([
    ["a migration", "db/migrations/1.ts", true],
    ["a release workflow", ".github/workflows/release-web.yml", true],
    ["another workflow", ".github/workflows/ci.yml", false],
    ["a lock file", "pnpm-lock.yaml", false],
  ] as const)("%s", (_row, path, expected) => {
    expect(risk("docs/a.md", path)).toMatchObject({ tier: "critical-infra", systemBreaking: expected });
  });

  it("are critical even where the profile forgot to list them there", () => {
    expect(assessRisk([file("x")], { ...rules, systemBreaking: ["x"], criticalInfra: [] }).tier).toBe("critical-infra");
  });
});

describe("the scope of a change", () => {
  it.each([
    ["as many product files as allowed", ["a", "b", "c"], null],
    ["one more", ["a", "b", "c", "d"], "4 files beside tests and generated ones, at most 3"],
    ["tests do not count", ["a", "b", "c", "d.test.ts"], null],
    ["generated files do not count", ["a", "b", "c", "dist/d"], null],
  ] as const)("%s", (_row, paths, expected) => {
    expect(risk(...paths).tooBroad).toBe(expected);
  });

  it("is too broad above the limit of lines, of product files only", () => {
    const lines = (path: string, additions: number) => file(path, { additions, deletions: 0 });
    expect(assessRisk([lines("a", 100)], rules).tooBroad).toBeNull();
    expect(assessRisk([lines("a", 60), lines("b", 41)], rules).tooBroad).toContain("101 lines");
    expect(assessRisk([lines("a", 100), lines("a.test.ts", 900), lines("dist/a", 900)], rules).tooBroad).toBeNull();
  });

  it("is counted by kind", () => {
    expect(risk("a", "b.test.ts", "dist/c", "dist/d.test.ts").counts).toEqual({
      files: 4,
      product: 1,
      tests: 1,
      generated: 2,
      lines: 2,
    });
  });
});
