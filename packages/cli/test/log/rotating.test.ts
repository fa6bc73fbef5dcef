import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { rememberSecret } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { bundleFixture, startChild, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import { logParts, openRotatedFile } from "../../src/log/rotated-file.ts";
import { createLog } from "../../src/logging.ts";

const told = ({ held, lost }: { readonly held: number; readonly lost: number }) => `waited ${held} lost ${lost}\n`;
const linesOf = (path: string) =>
  logParts(path)
    .filter((part) => existsSync(part))
    .flatMap((part) => readFileSync(part, "utf8").split("\n"))
    .filter((line) => line !== "");

it("a full file becomes the first of at most so many, and no line is lost that is not older than all of them", () => {
  const path = join(temporaryFolder(), "logs", "runtime.log");
  const file = openRotatedFile(path, () => ({ maxBytes: 100, files: 3 }), told);
  for (let number = 10; number < 60; number += 1) file.write(`line number ${number}\n`);
  expect(logParts(path).map((part) => part.slice(path.length))).toEqual([".3", ".2", ".1", ""]);
  const lines = linesOf(path);
  expect(lines.at(-1)).toBe("line number 59");
  expect(lines).toEqual(lines.map((_, index) => `line number ${60 - lines.length + index}`));
  expect(lines.length).toBeGreaterThan(16);
  for (const part of logParts(path)) expect(statSync(part).size).toBeLessThanOrEqual(100);
});

it("fewer files than before remove the rest, and a gap that a crash left is filled before anything goes", () => {
  const path = join(temporaryFolder(), "runtime.log");
  for (const number of [1, 3, 4, 7]) writeFileSync(`${path}.${number}`, `part ${number}\n`);
  writeFileSync(path, "full\n");
  const file = openRotatedFile(path, () => ({ maxBytes: 6, files: 4 }), told);
  file.write("next\n");
  expect(logParts(path).map((part) => readFileSync(part, "utf8"))).toEqual([
    ...["part 4\n", "part 3\n", "part 1\n"],
    ...["full\n", "next\n"],
  ]);
});

it("a rotation that ended between its two steps is finished, and a lock of a process that is gone is taken", () => {
  const path = join(temporaryFolder(), "runtime.log");
  writeFileSync(path, "full\n");
  execFileSync("ln", [path, `${path}.1`]);
  symlinkSync(JSON.stringify({ pid: 2 ** 22 + 1, startedMark: "1" }), `${path}.lock`);
  openRotatedFile(path, () => ({ maxBytes: 6, files: 2 }), told).write("next\n");
  expect(linesOf(path)).toEqual(["full", "next"]);
});

it("a lock of a process that is gone is taken by one at a time, and that one may have died over it", () => {
  const path = join(temporaryFolder(), "runtime.log");
  const gone = JSON.stringify({ pid: 2 ** 22 + 1, startedMark: "1" });
  const write = (line: string) => openRotatedFile(path, () => ({ maxBytes: 6, files: 3 }), told).write(`${line}\n`);
  write("full");
  symlinkSync(gone, `${path}.lock`);
  symlinkSync(JSON.stringify(processMark(process.pid)), `${path}.lock.taking`);
  write("more");
  expect(logParts(path)).toEqual([path]);
  expect(readlinkSync(`${path}.lock`)).toBe(gone);

  rmSync(`${path}.lock.taking`);
  symlinkSync(gone, `${path}.lock.taking`);
  write("next");
  expect(logParts(path)).toEqual([`${path}.1`, path]);
  expect(linesOf(path)).toEqual(["full", "more", "next"]);
  expect(readdirSync(join(path, ".."))).toEqual(["runtime.log", "runtime.log.1"]);
});

it("one that holds the lock and never lets go keeps nobody from writing", () => {
  const path = join(temporaryFolder(), "runtime.log");
  symlinkSync(JSON.stringify(processMark(process.pid)), `${path}.lock`);
  const file = openRotatedFile(path, () => ({ maxBytes: 20, files: 2 }), told);
  for (let number = 0; number < 5; number += 1) file.write(`line number ${number}\n`);
  expect(linesOf(path)).toHaveLength(5);
  rmSync(`${path}.lock`);
  file.write("line number 5\n");
  expect(logParts(path)).toEqual([`${path}.1`, path]);
  expect(linesOf(path)).toHaveLength(6);
});

it("several processes that write and rotate one file lose no line and tear none", async () => {
  const path = join(temporaryFolder(), "runtime.log");
  const bundle = await bundleFixture(new URL("./fixtures/writing-process.ts", import.meta.url));
  const writers = await Promise.all(["a", "b", "c"].map((name) => startChild(bundle, [path, name]).ended));
  expect(writers.map(({ code }) => code)).toEqual([0, 0, 0]);
  const lines = linesOf(path).map((line) => line.replace(/ x{40}$/, ""));
  const wanted = ["a", "b", "c"].flatMap((name) => Array.from({ length: 400 }, (_, n) => `${name} ${n}`));
  expect(lines.toSorted()).toEqual(wanted.toSorted());
  expect(logParts(path).length).toBeGreaterThan(20);
});

it("says of an error what it is, and hides what looks like a token although nobody knows it", () => {
  const file = join(temporaryFolder(), "runtime.log");
  rememberSecret("known-secret");
  const log = createLog({ file });
  const token = `ghp_${"a1B2".repeat(9)}`;
  log.error("push refused", {
    error: new Error(`cannot push with ${token}`),
    key: "-----BEGIN RSA PRIVATE KEY-----\nabc",
  });
  log.info("known-secret");
  const [first, second] = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ msg: "push refused", error: { message: "cannot push with [secret]", type: "Error" } });
  expect(first.key).toBe("[secret]");
  expect(second.msg).toBe("[secret]");
});

it.skipIf(!canMount())(
  "on a full disk lines wait, and are there when there is room again, with one that says so",
  () => {
    const folder = join(temporaryFolder(), "small");
    mkdirSync(folder);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
    onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
    const path = join(folder, "runtime.log");
    const file = openRotatedFile(path, () => ({ maxBytes: 10_000, files: 2 }), told);
    file.write("before\n");
    const ballast = join(folder, "ballast");
    for (const size of [4096, 1]) {
      try {
        for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: "a" });
      } catch {
        // full
      }
    }
    const long = "y".repeat(3000);
    const lines = Array.from({ length: 6 }, (_, number) => `${number} ${long}`);
    for (const line of lines) file.write(`${line}\n`);
    expect(linesOf(path).length).toBeLessThan(lines.length);
    rmSync(ballast);
    file.write("after\n");
    const isWhole = (line: string) => !line.includes("yyy") || lines.includes(line);
    const kept = linesOf(path).filter(isWhole);
    const waited = kept.at(-1) ?? "";
    expect(waited).toMatch(/^waited [2-6] lost 0$/);
    const numbers = kept.map((line) => line.replace(/ y+$/, ""));
    expect(numbers).toEqual(["before", "0", "1", "2", "3", "4", "5", "after", waited]);
  },
);

function canMount(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0;
}
