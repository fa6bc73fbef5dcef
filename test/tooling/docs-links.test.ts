import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { projectFiles, root } from "./project-files.ts";

/** Links of a Markdown text to files and headings of ours: `[x](docs/y.md#z)`, not those to other hosts. */
function localLinks(markdown: string): string[] {
  const prose = markdown.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

function brokenLinks(file: string): string[] {
  return localLinks(readFileSync(join(root, file), "utf8")).filter((link) => {
    const [path = "", heading] = link.split("#");
    const target = path === "" ? join(root, file) : join(root, dirname(file), decodeURIComponent(path));
    if (!existsSync(target)) return true;
    return heading !== undefined && target.endsWith(".md") && !headings(readFileSync(target, "utf8")).includes(heading);
  });
}

/** The anchors GitHub makes: lower case, punctuation dropped, a hyphen for each space. */
function headings(markdown: string): string[] {
  const lines = markdown.replace(/```[\s\S]*?```/g, "").split("\n");
  const titles = lines.filter((line) => /^#{1,6} /.test(line)).map((line) => line.replace(/^#+ /, ""));
  return titles.map((title) =>
    title
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

function documents(): string[] {
  // Templates are shown elsewhere than here; their links belong to the reader's repository.
  return projectFiles().filter((file) => file.endsWith(".md") && !/(^|\/)(profiles-)?templates?\//.test(file));
}

it("sees links to files and headings, and none in code or to other hosts", () => {
  const text = "[a](x.md) [b](#c) ![p](i.png) [w](https://example.org) `[no](y.md)`\n```\n[no](z.md)\n```\n";
  expect(localLinks(text)).toEqual(["x.md", "#c", "i.png"]);
  expect(headings("# Two words, and `code`\n")).toEqual(["two-words-and-code"]);
});

it("has only links that lead somewhere", () => {
  const files = documents();
  expect(files).toContain("CONTRIBUTING.md");
  expect(
    Object.fromEntries(files.map((file) => [file, brokenLinks(file)]).filter(([, broken]) => broken?.length)),
  ).toEqual({});
});
