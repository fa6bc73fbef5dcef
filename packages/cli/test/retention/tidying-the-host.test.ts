import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultHostLimits } from "@agent-control-plane/core";
import { makeTemporaryFolder, processMark, pruneTemporaryFolders } from "@agent-control-plane/runners";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { followLog, readLog } from "../../src/log/read-log.ts";
import { createLog } from "../../src/logging.ts";
import { hostUpkeep } from "../../src/retention/bounds-of.ts";

const day = 86_400_000;
const limits = { ...defaultHostLimits.retention, backups: { days: 30, count: 3 } };

/** A process that has ended. */
const gone = spawnSync(process.execPath, ["-e", ""]).pid;

it("of the copies of the database the newest stays, and of the others those within the limits; nothing else goes", async () => {
  const home = temporaryFolder();
  const folder = join(home, "backups");
  mkdirSync(folder);
  const now = Date.parse("2026-11-21T00:00:00Z");
  const names = ["20260101", "20261101", "20261110", "20261115", "20261120"].map(
    (date) => `control-plane-4-${date}T000000.000Z.db`,
  );
  const others = ["profile-web-20200101.bundle", "mine.db"];
  for (const name of [...names, ...others]) writeFileSync(join(folder, name), "");
  const upkeep = hostUpkeep(home);
  expect(await upkeep.prune({ now, limits, isDry: true })).toMatchObject({ backups: 2 });
  expect(readdirSync(folder)).toHaveLength(7);
  await upkeep.prune({ now, limits });
  expect(readdirSync(folder).toSorted()).toEqual([...names.slice(2), ...others].toSorted());
  await upkeep.prune({ now: now + 1000 * day, limits });
  expect(readdirSync(folder).toSorted()).toEqual([...names.slice(4), ...others].toSorted());
});

it("what processes printed goes when they are gone: empty files at once, last words after a week", async () => {
  const home = temporaryFolder();
  const logs = join(home, "logs");
  mkdirSync(logs);
  const old = new Date(Date.now() - 10 * day);
  const file = (name: string, text: string, isOld = false) => {
    writeFileSync(join(logs, name), text);
    if (isOld) utimesSync(join(logs, name), old, old);
  };
  file(`runtime.${gone}.out`, "\n");
  file(`local-forge.${gone}.out`, "last words");
  file(`local-forge.starting-1.${gone}.out`, "last words", true);
  file(`runtime.${process.pid}.out`, "\n", true);
  file("runtime.log.err", "of a version before", true);
  file("runtime.log", "", true);
  expect(await hostUpkeep(home).prune({ now: Date.now(), limits })).toMatchObject({ output: 3 });
  expect(readdirSync(logs).toSorted()).toEqual(
    [`local-forge.${gone}.out`, "runtime.log", `runtime.${process.pid}.out`].toSorted(),
  );
});

it("temporary folders go when their maker is gone: by our mark, and never one that is in use or not ours", () => {
  const parent = temporaryFolder();
  const mark = (pid: number) => JSON.stringify({ maker: { pid, startedMark: "1" } });
  const make = (name: string, text: string | null) => {
    mkdirSync(join(parent, name));
    if (text !== null) writeFileSync(join(parent, name, ".acp-temporary.json"), text);
    return join(parent, name);
  };
  const living = makeTemporaryFolder("health", parent);
  const left = make("acp-health-left", mark(gone));
  make("acp-health-unmarked", null);
  make("acp-health-odd", "{");
  make("somebody-elses", mark(gone));
  const demo = make("acp-demo-at-work", mark(gone));
  mkdirSync(join(demo, "runtime-home", "logs"), { recursive: true });
  writeFileSync(join(demo, "runtime-home", "logs", `runtime.${process.pid}.out`), "");
  expect(pruneTemporaryFolders({ parent, isDry: true })).toBe(1);
  expect(pruneTemporaryFolders({ parent })).toBe(1);
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(parent)).toHaveLength(5);
  expect(JSON.parse(readFileSync(join(living, ".acp-temporary.json"), "utf8")).maker).toEqual(processMark(process.pid));
});

it("the log is read over its rotated parts, by level, time and profile, and followed over a rotation", async () => {
  const path = join(temporaryFolder(), "runtime.log");
  const log = createLog({ file: path, limits: () => ({ sizeMb: 0.001, files: 50 }) });
  const all = { level: "debug", since: null, profileId: null } as const;
  log.info("before");
  const follow = followLog(path, all);
  for (let number = 0; number < 30; number += 1) log.info("number", { number, profileId: number % 2 ? "web" : "api" });
  log.warn("warning", { error: new Error("why") });
  const read = async (filter: Partial<Parameters<typeof readLog>[1]>) => {
    const lines: string[] = [];
    for await (const { message, fields } of readLog(path, { ...all, ...filter }))
      lines.push(`${message} ${fields.number ?? ""}`.trim());
    return lines;
  };
  const numbers = Array.from({ length: 30 }, (_, number) => `number ${number}`);
  expect(await read({})).toEqual(["before", ...numbers, "warning"]);
  expect(await read({ level: "warn" })).toEqual(["warning"]);
  expect(await read({ profileId: "web" })).toEqual(numbers.filter((_, number) => number % 2 === 1));
  expect(await read({ since: Date.now() + day })).toEqual([]);
  expect(follow().at(-1)?.message).toBe("warning");
  log.error("later");
  expect(follow().map(({ message }) => message)).toEqual(["later"]);
  expect(follow()).toEqual([]);
});
