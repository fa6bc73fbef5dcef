import { basename, dirname } from "node:path";
import { expect, it } from "vitest";
import { projectFiles } from "./project-files.ts";

// Names that say nothing about what is inside, so everything ends up there.
const SAYS_NOTHING = /^(utils?|helpers?|common|misc|manager|service|processor)$/;

/** What in a path says nothing: a folder, a whole file name, or its last word (`lease-manager.ts`). */
function emptyWords(path: string): string[] {
  const name = basename(path).replace(/\..*$/, "");
  const words = [...dirname(path).split("/"), name.split("-").at(-1) ?? name];
  return words.filter((word) => SAYS_NOTHING.test(word));
}

function sourceFiles(): string[] {
  return projectFiles().filter((path) => /^(packages|scripts|test|lint)\/.*\.(ts|mjs|grit)$/.test(path));
}

it("finds empty words in folders, file names and their last words", () => {
  expect(emptyWords("packages/core/src/utils/x.ts")).toEqual(["utils"]);
  expect(emptyWords("packages/core/src/lease-manager.ts")).toEqual(["manager"]);
  expect(emptyWords("packages/core/src/lease-manager.test.ts")).toEqual(["manager"]);
  expect(emptyWords("packages/cli/src/service.ts")).toEqual(["service"]);
  expect(emptyWords("packages/cli/src/service-files.ts")).toEqual([]);
});

it("has no source file whose name says nothing", () => {
  const files = sourceFiles();
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((path) => emptyWords(path).length > 0)).toEqual([]);
});

it("names source files in kebab-case", () => {
  expect(sourceFiles().filter((path) => !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(basename(path)))).toEqual([]);
});
