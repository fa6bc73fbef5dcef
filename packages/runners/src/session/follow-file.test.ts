import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FileFollower, followFile } from "./follow-file.ts";

let folder: string;
let follower: FileFollower;
let seen: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-follow-"));
  seen = [];
  follower = followFile({ folder: join(folder, "sessions"), idLength: 8 }, (line) => seen.push(line));
});
afterEach(() => {
  follower.close();
  rmSync(folder, { recursive: true, force: true });
});
const day = () => join(folder, "sessions", "2026", "11");
const id = "01234567-89ab";

test("the conversation's file is read along, wherever it lies and however its lines come", () => {
  follower.begin(id);
  follower.look();
  mkdirSync(day(), { recursive: true });
  writeFileSync(join(day(), "rollout-other.jsonl"), "not this one\n");
  const file = join(day(), `rollout-${id}.jsonl`);
  writeFileSync(file, "one\ntw");
  follower.look();
  expect(seen).toEqual(["one"]);
  appendFileSync(file, "o\n");
  follower.look();
  follower.look();
  expect(seen).toEqual(["one", "two"]);
});

test("nothing is read before the conversation has a name, and no link ever", () => {
  mkdirSync(day(), { recursive: true });
  writeFileSync(join(folder, "elsewhere"), "of another\n");
  writeFileSync(join(day(), "a.jsonl"), "nobody's\n");
  follower.look();
  symlinkSync(join(folder, "elsewhere"), join(day(), `rollout-${id}.jsonl`));
  follower.begin(id);
  follower.look();
  expect(seen).toEqual([]);
});
