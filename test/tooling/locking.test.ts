import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const lockModule = new URL("../../scripts/lock.mjs", import.meta.url).href;
// Appends "in" and "out" around a pause long enough for others to get in between if nothing kept them out.
const holder = `
  import { appendFileSync } from "node:fs";
  import { withLock } from ${JSON.stringify(lockModule)};
  const [path, journal] = process.argv.slice(2);
  await withLock(path, () => {}, async () => {
    appendFileSync(journal, "in\\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    appendFileSync(journal, "out\\n");
  });
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-lock-"));
  writeFileSync(join(folder, "holder.mjs"), holder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function hold(): Promise<number | null> {
  const args = [join(folder, "holder.mjs"), join(folder, "the.lock"), join(folder, "journal")];
  return new Promise((resolve) => spawn(process.execPath, args, { stdio: "inherit" }).once("exit", resolve));
}

function journal(): string[] {
  return readFileSync(join(folder, "journal"), "utf8").trim().split("\n");
}

it("lets one process in at a time and leaves no lock behind", async () => {
  expect(await Promise.all([hold(), hold(), hold()])).toEqual([0, 0, 0]);
  expect(journal()).toEqual(["in", "out", "in", "out", "in", "out"]);
  expect(readdirSync(folder).sort()).toEqual(["holder.mjs", "journal"]);
});

it("takes over the lock of a process that died, one waiter after the other", async () => {
  const dead = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(join(folder, "the.lock"), String(dead));
  expect(await Promise.all([hold(), hold()])).toEqual([0, 0]);
  expect(journal()).toEqual(["in", "out", "in", "out"]);
});
