import { describe, expect, it } from "vitest";
import { parsePatch } from "../../src/page/detail/parse-patch.ts";

const change = (name: string, ...lines: readonly string[]) =>
  [`diff --git a/${name} b/${name}`, "index 1..2 100644", `--- a/${name}`, `+++ b/${name}`, ...lines, ""].join("\n");

describe("a diff by file", () => {
  it("counts what was added and removed, and numbers the lines of both sides", () => {
    const [file, ...others] = parsePatch(change("src/a.ts", "@@ -7,2 +7,3 @@ here", " one", "-two", "+2", "+3"));
    expect(others).toEqual([]);
    expect(file).toMatchObject({ path: "src/a.ts", status: "modified", added: 2, removed: 1, isBinary: false });
    expect(file?.lines.slice(1)).toEqual([
      { kind: "same", text: "one", before: 7, after: 7 },
      { kind: "removed", text: "two", before: 8, after: null },
      { kind: "added", text: "2", before: null, after: 8 },
      { kind: "added", text: "3", before: null, after: 9 },
    ]);
  });

  it("takes a line that looks like another file for a line", () => {
    const files = parsePatch(
      change("a", "@@ -0,0 +1,3 @@", "+diff --git a/x b/x", "+++ b/evil", "+@@ -1 +1 @@") +
        change("b", "@@ -1 +1 @@", "-x", "+y"),
    );
    expect(files.map(({ path, added, removed }) => [path, added, removed])).toEqual([
      ["a", 3, 0],
      ["b", 1, 1],
    ]);
  });

  it.each([
    ["added", "new file mode 100644", "--- /dev/null", "+++ b/it", "it"],
    ["deleted", "deleted file mode 100644", "--- a/it", "+++ /dev/null", "it"],
  ])("knows what was %s", (status, mode, before, after, path) => {
    const text = ["diff --git a/it b/it", mode, before, after, "@@ -1 +1 @@", "-x", "+y"].join("\n");
    expect(parsePatch(text)).toMatchObject([{ status, path }]);
  });

  it("knows what was renamed, and what is binary or empty", () => {
    const text = [
      ...["diff --git a/old b/new name", "similarity index 100%", "rename from old", "rename to new name"],
      ...["diff --git a/x.png b/x.png", "index 1..2", "Binary files a/x.png and b/x.png differ"],
      ...["diff --git a/with blank b/with blank", "new file mode 100644", "index 0..1"],
    ].join("\n");
    expect(parsePatch(text)).toMatchObject([
      { path: "new name", before: "old", status: "renamed" },
      { path: "x.png", isBinary: true },
      { path: "with blank", status: "added" },
    ]);
  });

  it("reads names that git had to quote", () => {
    const name = String.raw`"b/tab\there \342\200\256 \"quoted\""`;
    const text = [`diff --git ${name.replace("b/", "a/")} ${name}`, `+++ ${name}`].join("\n");
    expect(parsePatch(text)[0]?.path).toBe('tab\there \u202e "quoted"');
  });

  it("says that a line end is missing, and bears what is cut off or no diff", () => {
    const [file] = parsePatch(change("a", "@@ -1 +1 @@", "-x", "\\ No newline at end of file", "+y").trimEnd());
    expect(file?.lines.map(({ kind }) => kind)).toEqual(["hunk", "removed", "note", "added"]);
    expect(parsePatch(change("a", "@@ -1,9 +1,9 @@", " x"))[0]?.lines).toHaveLength(2);
    expect(parsePatch("")).toEqual([]);
    expect(parsePatch("nothing\nof git's")).toEqual([]);
  });
});
