// Where looking itself is hard: a disk that takes no write, and a program that never answers.
import { execFile, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, processMark } from "@agent-control-plane/runners";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildPackage } from "../../../../scripts/build.mjs";
import type { Diagnosis } from "../../src/doctor/doctor.ts";
import { type Installation, installation } from "./installation.ts";

let installed: Installation;
let cli: string;
beforeAll(async () => {
  cli = join(await buildPackage(), "dist", "cli.js");
  installed = await installation();
}, 120_000);
afterAll(() => installed.close());

const mayMount = spawnSync("unshare", ["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;

/** The forge answers from this process, so nothing here may wait without letting it. */
const run = (file: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
  new Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>((done) => {
    execFile(file, [...args], { env, timeout: 90_000 }, (error, stdout, stderr) =>
      done({ status: error ? (typeof error.code === "number" ? error.code : -1) : 0, stdout, stderr }),
    );
  });

it.skipIf(!mayMount)("a home on a disk that is mounted read-only is looked at all the same", async () => {
  const home = installed.home();
  const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$1" "$2" doctor --json --fix`;
  const ran = await run("unshare", ["-rm", "sh", "-c", script, home.path, process.execPath, cli], home.env);
  expect(ran.status, ran.stderr).toBe(1);
  const said = JSON.parse(ran.stdout) as Diagnosis;
  expect(said.findings.filter(({ level }) => level === "problem").map(({ code }) => code)).toEqual([
    "home-not-writable",
  ]);
  expect(said.checks.find(({ name }) => name === "store")).toMatchObject({ state: "ok" });
});

it("an agent program that never answers is a finding, and neither it nor what it started is left behind", async () => {
  const pids = join(installed.folder, "pids");
  const program = join(installed.folder, "hanging");
  writeFileSync(program, `#!/bin/sh\nsleep 600 & echo $$ $! > ${pids}\nwait\n`, { mode: 0o755 });
  const home = installed.home({ web: { "execution.coding_worker": "claude", "execution.claude.file": program } });
  const ran = await run(process.execPath, [cli, "doctor", "--json"], home.env);
  expect(ran.status, ran.stderr).toBe(1);
  const found = (JSON.parse(ran.stdout) as Diagnosis).findings.find(({ level }) => level === "problem");
  expect(found).toMatchObject({ profileId: "web", fix: expect.stringMatching(/install the program|hangs/) });
  const left = readFileSync(pids, "utf8")
    .trim()
    .split(" ")
    .map(Number)
    .flatMap((pid) => processMark(pid) ?? []);
  expect(left.filter(isAlive)).toEqual([]);
}, 120_000);

it("says how long a healthy installation takes", async () => {
  const home = installed.home();
  const leastOf = async (...args: string[]) => {
    const took: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const startedAt = performance.now();
      const ran = await run(process.execPath, args, home.env);
      expect(ran, ran.stderr).toMatchObject({ status: 0 });
      if (args[0] === cli) expect(ran.stdout).toContain("all is well");
      took.push(performance.now() - startedAt);
    }
    return Math.min(...took);
  };
  const [own, node] = [await leastOf(cli, "doctor"), await leastOf("-e", "0")];
  const ratio = (own / node).toFixed(1);
  process.stderr.write(`acp doctor on a healthy installation: ${Math.round(own)} ms, ${ratio} times node -e 0\n`);
});
