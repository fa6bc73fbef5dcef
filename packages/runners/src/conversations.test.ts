import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Profile } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, test } from "vitest";
import { createConversations, openStateFolder } from "./conversations.ts";

const profileIn = (runsRoot: string) =>
  ({
    runtime: { runsRoot },
    execution: { backends: { claude: { model: "sonnet" }, codex: { model: null } } },
    reviews: { second: { model: "opus" } },
  }) as unknown as Profile;

function put(path: string, text = "x"): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

test("a conversation's next session finds what its backend needs, and nothing else that the last one left", () => {
  const runs = temporaryFolder();
  const home = openStateFolder(runs, "s1-a", ["claude/projects"]);
  expect(statSync(home).mode & 0o777).toBe(0o700);
  put(join(home, "claude/projects/-w/c.jsonl"), "said");
  for (const planted of ["claude/settings.json", "claude/plugins/hook.sh", ".bashrc", "codex/sessions/x"])
    put(join(home, planted));
  expect(openStateFolder(runs, "s1-a", ["claude/projects"])).toBe(home);
  expect(readFileSync(join(home, "claude/projects/-w/c.jsonl"), "utf8")).toBe("said");
  for (const planted of ["claude/settings.json", "claude/plugins", ".bashrc", "codex"])
    expect(existsSync(join(home, planted)), planted).toBe(false);
});

test("a link in the place of a folder is taken away and not followed", () => {
  const [runs, elsewhere] = [temporaryFolder(), temporaryFolder()];
  put(join(elsewhere, "projects/precious"));
  put(join(elsewhere, "also-precious"));
  const home = openStateFolder(runs, "s1-a", ["claude/projects"]);
  symlinkSync(elsewhere, join(home, "claude"));
  openStateFolder(runs, "s1-a", ["claude/projects"]);
  expect(existsSync(join(home, "claude"))).toBe(false);
  expect(existsSync(join(elsewhere, "projects/precious")) && existsSync(join(elsewhere, "also-precious"))).toBe(true);
});

test("a conversation is there when its state is, of sensible size", async () => {
  const runs = temporaryFolder();
  const conversations = createConversations({ profile: profileIn(runs) });
  expect(await conversations.isThere("s1-a", "claude")).toBe(false);
  const home = openStateFolder(runs, "s1-a", ["claude/projects"]);
  expect(await conversations.isThere("s1-a", "claude")).toBe(false);
  put(join(home, "claude/projects/-w/c.jsonl"), "said");
  expect(await conversations.isThere("s1-a", "claude")).toBe(true);
  expect(await conversations.isThere("s1-a", "codex")).toBe(false);
  expect(await conversations.isThere("s1-a", "shell")).toBe(false);
  put(join(home, "claude/projects/-w/d.jsonl"), "x".repeat(65 * 1024 * 1024));
  expect(await conversations.isThere("s1-a", "claude")).toBe(false);
});

test("conversations are listed and forgotten, and no name leads out of their folder", async () => {
  const runs = temporaryFolder();
  const conversations = createConversations({ profile: profileIn(runs) });
  expect(await conversations.list()).toEqual([]);
  for (const id of ["s1-a", "s2-b"]) openStateFolder(runs, id, []);
  await conversations.forget("s1-a");
  await conversations.forget("s1-a");
  await conversations.forget("..");
  expect(await conversations.list()).toEqual(["s2-b"]);
  expect(() => openStateFolder(runs, "../x", [])).toThrow(/no conversation's name/);
});

test("the model it speaks with is the profile's", () => {
  const { speaker } = createConversations({ profile: profileIn("/nowhere") });
  const issue = { lane: "issue-implementation", payload: { kind: "issue" } };
  expect(speaker("claude", issue)).toEqual({ keepsConversations: true, model: "sonnet" });
  expect(speaker("claude", { lane: "pr-review", payload: { round: 2 } }).model).toBe("opus");
  expect(speaker("codex", issue)).toEqual({ keepsConversations: true, model: null });
  expect(speaker("shell", issue)).toEqual({ keepsConversations: false, model: null });
});
