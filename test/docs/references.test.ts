// The pages that are made from the program, and what they are made of: the help of every command.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { examplesOf, leavesOf, pathOf } from "../../scripts/docs/cli-reference.ts";
import { pagesIn, programToRead } from "../../scripts/docs/pages.ts";
import { root } from "../tooling/project-files.ts";

const pages = await pagesIn(root);
const leaves = leavesOf(await programToRead());

/** They print no facts: what they print is a text as it is, lines as they come, or nothing. */
const withoutJson = ["acp runtime run", "acp forge run", "acp completion", "acp flow work"];

describe("every command", () => {
  it.each(leaves.map((leaf) => [pathOf(leaf), leaf] as const))(
    "%s says what it does, with examples that are right",
    async (path, leaf) => {
      expect(leaf.description()).toMatch(/^[a-z]/);
      expect(leaf.description()).not.toMatch(/\.$/);
      for (const option of leaf.options) expect(option.description, option.flags).not.toBe("");
      const examples = examplesOf(leaf);
      expect(examples.filter((line) => wordsOf(line).join(" ").startsWith(path))).not.toEqual([]);
      for (const line of examples) await expect(parsed(line), line).resolves.toBe(true);
    },
  );

  it("that prints facts prints them as JSON, too", () => {
    const lacking = leaves
      .filter((leaf) => !leaf.options.some(({ long, hidden }) => long === "--json" && !hidden))
      .map(pathOf);
    expect(lacking.filter((path) => !withoutJson.includes(path))).toEqual([]);
  });

  it("that prints JSON has its fields described", () => {
    const page = readFileSync(join(root, "docs/json-output.md"), "utf8");
    const described = new Set([...page.matchAll(/^### `(acp [a-z -]+?)(?: --[a-z-]+)*`$/gm)].map(([, path]) => path));
    for (const [also = ""] of page.matchAll(/^Also `.*$/gm))
      for (const [, path] of also.matchAll(/`(acp [a-z -]+)`/g)) described.add(path);
    const printing = leaves
      .filter((leaf) => leaf.options.some(({ long, hidden }) => long === "--json" && !hidden))
      .map(pathOf);
    expect(printing.filter((path) => !described.has(path))).toEqual([]);
  });

  it("takes no secret as an argument, where every process of this machine could read it", () => {
    const secret = /token(?!s)|password|secret|(^|-)key/;
    const options = leaves.flatMap((leaf) => leaf.options.map((option) => [pathOf(leaf), option] as const));
    expect(options.some(([, { long }]) => secret.test(long ?? ""))).toBe(true);
    const valued = options.filter(
      ([, { long, required, optional }]) => secret.test(long ?? "") && (required || optional),
    );
    expect(valued.map(([path, { flags }]) => `${path} ${flags}`)).toEqual([]);
    const words = leaves.flatMap((leaf) => leaf.registeredArguments.map((argument) => argument.name()));
    expect(words.filter((name) => secret.test(name))).toEqual([]);
  });

  it("that deletes can be asked first", () => {
    const deleting = leaves.filter((leaf) => /(^| )(remove|uninstall|prune)$/.test(pathOf(leaf)));
    expect(deleting.length).toBeGreaterThan(1);
    for (const leaf of deleting)
      expect(
        leaf.options.map(({ long }) => long),
        pathOf(leaf),
      ).toContain("--dry-run");
  });
});

describe("a page made from the program", () => {
  it.each(Object.keys(pages))("%s is up to date (npm run docs)", (path) => {
    expect(existsSync(join(root, path))).toBe(true);
    expect(readFileSync(join(root, path), "utf8")).toBe(pages[path]);
  });
});

/** Whether commander takes this line; nothing of it is run. */
async function parsed(line: string): Promise<boolean> {
  const program = await programToRead();
  let acted = false;
  for (const leaf of leavesOf(program)) {
    leaf.action(() => {
      acted = true;
    });
  }
  await program.parseAsync(wordsOf(line).slice(1), { from: "user" });
  return acted;
}

/** As a shell reads it: the one of its commands that is ours, without what is set for it alone. */
function wordsOf(line: string): readonly string[] {
  const inner = /\$\((acp [^)]*)\)/.exec(line)?.[1] ?? line.replace(/\bnpx agent-control-plane\S*/, "acp");
  const command = inner.split(/ [|>] /).find((each) => /\bacp /.test(each)) ?? "";
  const after = command.slice(Math.max(command.search(/\bacp /), 0));
  return [...after.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
}
