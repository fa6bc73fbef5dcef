import { describe, expect, it } from "vitest";
import { compileGlob, compileGlobs } from "./glob.ts";

describe("a path pattern", () => {
  it.each([
    ["docs/**", "docs/a.md", true],
    ["docs/**", "docs/a/b/c.md", true],
    ["docs/**", "docs", false],
    ["docs/**", "docs2/a.md", false],
    ["docs/**", "src/docs/a.md", false],
    ["**/docs/**", "docs/a.md", true],
    ["**/docs/**", "src/docs/a.md", true],
    ["**/docs/**", "src/mydocs/a.md", false],
    ["**/*.sql", "a.sql", true],
    ["**/*.sql", "db/x/a.sql", true],
    ["**/*.sql", "a.sql.md", false],
    ["*.md", "README.md", true],
    ["*.md", "docs/README.md", false],
    ["*.md", ".md", true],
    ["*", ".env", true],
    ["**", ".github/workflows/x.yml", true],
    [".github/workflows/**", ".github/workflows/x.yml", true],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b", true],
    ["a/**/b", "a/xb", false],
    ["a/**/b", "axb", false],
    ["a**b", "a/b", false],
    ["a**b", "axxb", true],
    ["a**/b", "ax/b", true],
    ["a**/b", "ax/y/b", false],
    ["a/**b", "a/x/b", false],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["a?c", "ac", false],
    ["{a,b}.json", "b.json", true],
    ["{a,b}.json", "c.json", false],
    ["src/{auth,billing/core}/**", "src/billing/core/x.ts", true],
    ["src/{auth,billing/core}/**", "src/billing/x.ts", false],
    ["x{,.d}.ts", "x.ts", true],
    ["x{,.d}.ts", "x.d.ts", true],
    ["{a{1,2},b}", "a2", true],
    ["{a{1,2},b}", "b", true],
    ["{a{1,2},b}", "a", false],
    ["{**/x,y}", "a/b/x", true],
    ["{deploy,release}*", "release-now", true],
    ["a{b", "a{b", true],
    ["a}b,c", "a}b,c", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["app/[id]/page.ts", "app/[id]/page.ts", true],
    ["app/[id]/page.ts", "app/i/page.ts", false],
    ["./package.json", "package.json", true],
    ["/package.json", "package.json", true],
    ["package.json", "web/package.json", false],
    ["README.md", "readme.md", false],
    ["a.c", "abc", false],
    ["ü*", "über", true],
    ["", "", true],
    ["", "a", false],
  ])("%s and the path %s: %s", (pattern, path, expected) => {
    expect(compileGlob(pattern)(path)).toBe(expected);
  });

  it("of which one is enough", () => {
    const any = compileGlobs(["*.md", "docs/**"]);
    expect([any("a.md"), any("docs/x"), any("src/x")]).toEqual([true, true, false]);
    expect(compileGlobs([])("a")).toBe(false);
  });

  // A matcher that tries one way after the other does not come back from these within the age of the universe.
  it.each([
    ["*a*a*a*a*a*a*a*a*a*a*a*a*b", `${"a".repeat(4_000)}c`],
    ["**/*a*a*a*a*a*a*a*a*x/**/b{a,a}", `${"a/".repeat(4_000)}b`],
    [`${"{a,aa}".repeat(30)}b`, "a".repeat(60)],
    ["{*,{*,{*,*}}}{*,*}{*,*}{*,*}b", "a".repeat(4_000)],
  ])("reads a hostile path once: %s", (pattern, path) => {
    expect(compileGlob(pattern)(path)).toBe(false);
  });
});
