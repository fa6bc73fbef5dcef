import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { createRunArchive } from "../../src/index.ts";

const day = 86_400_000;
const now = Date.now();
const all = { before: now - 30 * day, mostCount: 100, mostBytes: 1e9, isKnown: async () => true };

it("a run that is over goes to the history with its logs, without the home and temp folder it had", async () => {
  const { runsRoot, run, archive } = runs();
  const runDir = run("s1");
  mkdirSync(join(runDir, "home", ".claude"), { recursive: true });
  mkdirSync(join(runDir, "tmp"));
  const outside = join(temporaryFolder(), "kept");
  writeFileSync(outside, "kept");
  symlinkSync(outside, join(runDir, "home", "link"));
  const kept = await archive.archive({ id: "s1", runDir });
  expect(kept).toBe(join(runsRoot, "history", "s1"));
  expect(readdirSync(kept)).toEqual(["output.log"]);
  expect(existsSync(runDir)).toBe(false);
  expect(readFileSync(outside, "utf8")).toBe("kept");
});

it("a move that a crash interrupted, or of a folder that is gone, is made good by doing it again", async () => {
  const { run, archive } = runs();
  const runDir = run("s1");
  const kept = await archive.archive({ id: "s1", runDir });
  expect(await archive.archive({ id: "s1", runDir })).toBe(kept);
  expect(await archive.archive({ id: "s1", runDir: kept })).toBe(kept);
  expect(readdirSync(kept)).toEqual(["output.log"]);
});

it("a folder that is not where runs are is left where it is", async () => {
  const { archive } = runs();
  const elsewhere = join(temporaryFolder(), "s1");
  mkdirSync(join(elsewhere, "home"), { recursive: true });
  expect(await archive.archive({ id: "s1", runDir: elsewhere })).toBe(elsewhere);
  expect(existsSync(join(elsewhere, "home"))).toBe(true);
});

it.each([
  ["age", { before: now - 2.5 * day }, ["s1", "s2"]],
  ["count", { mostCount: 1 }, ["s1"]],
  ["size", { mostBytes: 2_500 }, ["s1", "s2"]],
] as const)("the history keeps within its %s: the newest stay", async (_, bounds, stays) => {
  const { runsRoot, run, archive } = runs();
  for (const [id, age] of [
    ["s3", 3],
    ["s1", 1],
    ["s2", 2],
  ] as const) {
    const kept = await archive.archive({ id, runDir: run(id, 1_000) });
    utimesSync(kept, (now - age * day) / 1000, (now - age * day) / 1000);
  }
  const removed = 3 - stays.length;
  expect(await archive.prune({ ...all, ...bounds, isDry: true })).toMatchObject({ removed });
  expect(readdirSync(join(runsRoot, "history"))).toHaveLength(3);
  const pruned = await archive.prune({ ...all, ...bounds });
  expect(pruned).toEqual({ removed, left: stays.length, leftBytes: stays.length * 1_000, failed: [] });
  expect(readdirSync(join(runsRoot, "history")).sort()).toEqual(stays);
});

it("of the folders of runs only those go that nobody knows and that are old", async () => {
  const { runsRoot, run, archive } = runs();
  for (const [id, age] of [
    ["known", 50],
    ["unknown", 50],
    ["young", 1],
    ["conversations", 50],
  ] as const) {
    const runDir = run(id);
    utimesSync(runDir, (now - age * day) / 1000, (now - age * day) / 1000);
  }
  await archive.prune({ ...all, isKnown: async (id) => id === "known" });
  expect(readdirSync(runsRoot).sort()).toEqual(["conversations", "known", "young"]);
});

function runs() {
  const runsRoot = join(temporaryFolder(), "runs");
  return {
    runsRoot,
    archive: createRunArchive(runsRoot),
    run(id: string, bytes = 10): string {
      const runDir = join(runsRoot, id);
      mkdirSync(runDir, { recursive: true });
      writeFileSync(join(runDir, "output.log"), "x".repeat(bytes));
      return runDir;
    },
  };
}
