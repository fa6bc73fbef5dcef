import { describe, expect, it } from "vitest";
import { parseChangedLines } from "./changed-lines.ts";

const file = (name: string, ...hunks: string[]) =>
  [`diff --git a/${name} b/${name}`, "index 1..2 100644", `--- a/${name}`, `+++ b/${name}`, ...hunks].join("\n");

describe("the lines that a diff changes", () => {
  it.each<[string, string, readonly [string, number, number][]]>([
    ["none", "", []],
    ["lines that were added", file("a.ts", "@@ -3,0 +4,2 @@ fn", "+x", "+y"), [["a.ts", 4, 5]]],
    ["one line that is another", file("a.ts", "@@ -3 +3 @@", "-x", "+y"), [["a.ts", 3, 3]]],
    ["those beside what was taken out", file("a.ts", "@@ -3,2 +2,0 @@", "-x", "-y"), [["a.ts", 2, 3]]],
    [
      "of several files",
      [file("a.ts", "@@ -1 +1 @@", "-x", "+y"), file("b c.ts\t", "@@ -0,0 +1,3 @@", "+1", "+2", "+3")].join("\n"),
      [
        ["a.ts", 1, 1],
        ["b c.ts", 1, 3],
      ],
    ],
    [
      "and not what a changed line says of itself",
      file("a.ts", "@@ -1,2 +1,2 @@", "--- a/evil", "-x", "+++ b/evil", "+@@ -1 +900,9 @@", "@@ -9 +9 @@", "-x", "+y"),
      [
        ["a.ts", 1, 2],
        ["a.ts", 9, 9],
      ],
    ],
    [
      "past a file's end without a line end",
      file(
        "a.ts",
        "@@ -1 +1 @@",
        "-x",
        "\\ No newline at end of file",
        "+y",
        "\\ No newline at end of file",
        "@@ -5 +5 @@",
        "-x",
        "+y",
      ),
      [
        ["a.ts", 1, 1],
        ["a.ts", 5, 5],
      ],
    ],
    [
      "nothing of a deleted file",
      ["diff --git a/x b/x", "--- a/x", "+++ /dev/null", "@@ -1 +0,0 @@", "-x"].join("\n"),
      [],
    ],
    [
      "of a file with an odd name",
      [
        'diff --git "a/\\303\\244\\tb" "b/\\303\\244\\tb"',
        '--- "a/\\303\\244\\tb"',
        '+++ "b/\\303\\244\\tb"',
        "@@ -1 +1 @@",
        "-x",
        "+y",
      ].join("\n"),
      [["ä\tb", 1, 1]],
    ],
  ])("are %s", (_name, diff, ranges) => {
    expect(parseChangedLines(diff)).toEqual(ranges.map(([path, from, to]) => ({ path, from, to })));
  });
});
