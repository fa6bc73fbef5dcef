import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { distTag, releaseProblems } from "../../scripts/check-release.mjs";
import { root } from "./project-files.ts";

const changelog = "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-01-02\n\n- a thing\n\n## [1.1.0] - 2026-01-01\n";

describe("a release", () => {
  it("needs a tag, a version and a changelog that agree", () => {
    expect(releaseProblems("v1.2.0", "1.2.0", changelog)).toEqual([]);
  });

  it.each([
    ["is not a release's tag", "1.2.0", "1.2.0", changelog],
    ["package.json says 1.1.9", "v1.2.0", "1.1.9", changelog],
    ["has no heading", "v1.3.0", "1.3.0", changelog],
    ["has no date", "v1.2.0", "1.2.0", changelog.replace(" - 2026-01-02", "")],
    ["says nothing under", "v1.1.0", "1.1.0", changelog],
    ['lines under "Unreleased"', "v1.2.0", "1.2.0", changelog.replace("[Unreleased]\n", "[Unreleased]\n- more\n")],
  ])("is refused when it %s", (words, tag, version, text) => {
    expect(releaseProblems(tag, version, text).join("\n")).toContain(words);
  });

  it("with a hyphen in its number is nobody's unasked", () => {
    expect([distTag("1.2.0"), distTag("1.3.0-beta.1")]).toEqual(["latest", "next"]);
  });
});

describe("the workflows", () => {
  const folder = join(root, ".github/workflows");
  const workflows = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);

  it.each(workflows)("%s pins every action by its commit and names its version", (_, text) => {
    const uses = text.split("\n").filter((line) => line.includes("uses:"));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d/);
  });

  it.each(workflows)("%s may read, and writes nothing to the repository", (_, text) => {
    const { permissions, jobs } = parse(text);
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values<{ permissions?: object }>(jobs))
      expect(job.permissions ?? { contents: "read" }).toMatchObject({ contents: "read" });
  });

  it("publishing follows a tag, waits for the tests, and states where the package is from", () => {
    const { on, jobs } = parse(readFileSync(join(folder, "publish.yml"), "utf8"));
    expect(on).toEqual({ push: { tags: ["v*"] } });
    expect(jobs.publish).toMatchObject({ needs: "test", environment: "npm", permissions: { "id-token": "write" } });
    const commands = jobs.publish.steps.map((step: { run?: string }) => step.run ?? "").join("\n");
    expect(commands).toMatch(/npm publish .*--provenance/);
    expect(jobs.test.steps.map((step: { run?: string }) => step.run)).toEqual(
      expect.arrayContaining(['node scripts/check-release.mjs "$GITHUB_REF_NAME"', ".ci/run"]),
    );
  });
});
