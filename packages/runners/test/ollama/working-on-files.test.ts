import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallArguments } from "../../src/ollama/chat.ts";
import { runTool } from "../../src/ollama/run-tool.ts";

let root: string;
let worktree: string;
const outside = () => join(root, "outside.txt");
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "acp-tools-"));
  worktree = join(root, "worktree");
  mkdirSync(join(worktree, "src"), { recursive: true });
  writeFileSync(outside(), "secret\n");
  writeFileSync(join(worktree, ".git"), "gitdir: elsewhere\n");
  writeFileSync(join(worktree, "src", "a.txt"), "one\ntwo\nthree\ntwo\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const bound = { bytes: 4_000, lines: 50 };
function tool(name: string, given: CallArguments, change: { commandTimeoutMs?: number; stop?: AbortSignal } = {}) {
  const env = { PATH: process.env.PATH, SHOWN: "yes" };
  const stop = new AbortController().signal;
  const place = { worktree, env, commandTimeoutMs: 10_000, bound, stop, ...change };
  return runTool(place, { name, arguments: given });
}
const file = (path: string) => readFileSync(join(worktree, path), "utf8");

describe("nothing outside of the worktree is read or written", () => {
  test.each([
    ["by dots", "../outside.txt", /outside of the worktree/],
    ["by an absolute path", "/etc/hostname", /outside of the worktree/],
    ["by a link to a file", "link.txt", /leads out of the worktree/],
    ["by a link to a folder", "up/outside.txt", /leads out of the worktree/],
    ["by a link to nothing", "dangling", /link to nothing/],
    ["in git's own file", ".git", /belongs to git/],
    ["in git's own folder, in capitals", "src/../.GIT/config", /belongs to git/],
    ["without a path", " ", /is no path/],
  ])("%s", async (_name, path, problem) => {
    symlinkSync(outside(), join(worktree, "link.txt"));
    symlinkSync(root, join(worktree, "up"));
    symlinkSync(join(root, "new.txt"), join(worktree, "dangling"));
    for (const [name, more] of [
      ["read_file", {}],
      ["write_file", { content: "mine" }],
      ["patch_file", { old_text: "secret", new_text: "mine" }],
      ["list_files", {}],
      ["search_files", { text: "secret" }],
    ] as const) {
      const result = await tool(name, { path, ...more });
      // An empty folder means the worktree itself, for those that need none.
      if (path.trim() === "" && (name === "list_files" || name === "search_files")) continue;
      expect(result).toMatchObject({ ok: false, text: expect.stringMatching(problem) });
    }
    expect(readFileSync(outside(), "utf8")).toBe("secret\n");
    expect(existsSync(join(root, "new.txt"))).toBe(false);
    expect(file(".git")).toBe("gitdir: elsewhere\n");
  });

  test("while the same calls work inside, also by the whole path and by a link that stays inside", async () => {
    symlinkSync("src", join(worktree, "inner"));
    expect((await tool("read_file", { path: join(worktree, "inner", "a.txt") })).text).toContain("one\ntwo");
    expect(await tool("write_file", { path: "inner/new/b.txt", content: "b\n" })).toMatchObject({ ok: true });
    expect(file("src/new/b.txt")).toBe("b\n");
  });
});

describe("files", () => {
  test("are read in parts, with what part it is", async () => {
    const { text } = await tool("read_file", { path: "src/a.txt", from_line: 2, to_line: 3 });
    expect(text).toBe("[src/a.txt: lines 2 to 3 of 4]\ntwo\nthree");
    writeFileSync(join(worktree, "long.txt"), "x\n".repeat(10_000));
    expect((await tool("read_file", { path: "long.txt" })).text).toMatch(/lines 1 to 50 of 10000/);
    expect((await tool("read_file", { path: "src/a.txt", from_line: 9 })).text).toMatch(/only 4 lines/);
  });

  test("that are none are told from those that are", async () => {
    execFileSync("mkfifo", [join(worktree, "pipe")]);
    writeFileSync(join(worktree, "bin"), Buffer.from([1, 0, 2]));
    expect((await tool("read_file", { path: "pipe" })).text).toMatch(/no regular file/);
    expect((await tool("read_file", { path: "bin" })).text).toMatch(/binary/);
    expect((await tool("read_file", { path: "src" })).text).toMatch(/no regular file|is a folder/);
    expect((await tool("read_file", { path: "nowhere" })).text).toMatch(/not there/);
    expect((await tool("write_file", { path: "src/a.txt/b", content: "" })).text).toMatch(/^Error/);
  });

  test("are patched where the text is exactly once, or everywhere when asked", async () => {
    const given = { path: "src/a.txt", old_text: "two", new_text: "2 $& $1" };
    expect((await tool("patch_file", given)).text).toMatch(/occurs 2 times/);
    expect((await tool("patch_file", { ...given, old_text: "zwei" })).text).toMatch(/does not occur/);
    expect((await tool("patch_file", { ...given, replace_all: true })).ok).toBe(true);
    expect(file("src/a.txt")).toBe("one\n2 $& $1\nthree\n2 $& $1\n");
  });

  test("are listed and searched without git's own", async () => {
    expect((await tool("list_files", {})).text).toBe("src/a.txt");
    expect((await tool("search_files", { text: "two" })).text.trim()).toMatch(/^src\/a\.txt:2:two\nsrc\/a\.txt:4:two$/);
    expect((await tool("search_files", { text: "-e" })).text).toBe("[no line contains it]");
  });
});

describe("commands", () => {
  test("run in the worktree with the session's environment and nothing else", async () => {
    process.env.ACP_TEST_HIDDEN = "hidden";
    const { ok, text } = await tool("run_command", {
      command: 'pwd; echo "$SHOWN"; echo "[$ACP_TEST_HIDDEN]"; exit 3',
    });
    delete process.env.ACP_TEST_HIDDEN;
    expect({ ok, text: text.replace("/private", "") }).toEqual({
      ok: false,
      text: `[exit code 3]\n${worktree}\nyes\n[]`,
    });
  });

  test("that go on too long are ended with all they started, and what they printed is kept", async () => {
    const command = "echo begun; (while :; do sleep 0.1; echo alive > beat; done) & wait";
    const { ok, text } = await tool("run_command", { command }, { commandTimeoutMs: 400 });
    expect(ok).toBe(false);
    expect(text).toBe("The command was killed at its time limit of 0.4 s. Output:\nbegun");
    rmSync(join(worktree, "beat"), { force: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(existsSync(join(worktree, "beat"))).toBe(false);
  });

  test("that flood or leave something running do not hold the session up", async () => {
    const flood = await tool("run_command", { command: "yes 0123456789 | head -c 20000000; echo the end" });
    expect(flood.text).toMatch(/^\[exit code 0\]\n0123456789/);
    expect(flood.text).toMatch(/left out here[\s\S]*the end$/);
    expect(Buffer.byteLength(flood.text)).toBeLessThan(5_000);
    const left = await tool("run_command", { command: "sleep 5 & echo $!" });
    expect(left.text).toMatch(/^\[exit code 0, with processes left in the background\]/);
    process.kill(Number(left.text.split("\n").at(-1)), "SIGKILL");
  });

  test("are ended when the session is", async () => {
    const stop = new AbortController();
    const running = tool("run_command", { command: "sleep 60" }, { stop: stop.signal });
    stop.abort();
    expect((await running).text).toMatch(/session was stopped/);
  });
});
