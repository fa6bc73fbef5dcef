// Start-up of the built program against `node -e 0`: a command that people and scripts run all day must feel like none.
// Node's compile cache (Node 22 and later) is not used: its folder would be written by commands that promise to write
// nothing, and Node 20 has none.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { fileStamp } from "../../packages/cli/src/runtime/file-stamp.ts";

const rounds = Number(process.argv[2] ?? 25);
const bare = "acp runtime status (new home)";
const inUse = "acp runtime status (in use)";
const most = { "acp --version": 2, [bare]: 3, [inUse]: 3 } as const;

const built = spawnSync(process.execPath, ["scripts/build.mjs"], { encoding: "utf8" });
if (built.status !== 0) throw new Error(built.stderr);
const cli = join(process.cwd(), "dist/package/dist/cli.js");
const folder = mkdtempSync(join(tmpdir(), "acp-startup-"));
try {
  const envOf = (name: string) => {
    const home = join(folder, name);
    return { PATH: process.env.PATH, HOME: home, AGENT_RUNTIME_HOME: join(home, "runtime") };
  };
  await putInUse(envOf("in-use").AGENT_RUNTIME_HOME);

  const commands = {
    "node -e 0": { args: ["-e", "0"], env: envOf("new") },
    "acp --version": { args: [cli, "--version"], env: envOf("new") },
    [bare]: { args: [cli, "runtime", "status"], env: envOf("new") },
    [inUse]: { args: [cli, "runtime", "status"], env: envOf("in-use") },
  } as const;
  type Name = keyof typeof commands;
  const names = Object.keys(commands) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  // One after the other within a round, so that whatever else the machine does is shared by all.
  for (let round = -2; round < rounds; round += 1) {
    for (const name of names) {
      const { args, env } = commands[name];
      const from = process.hrtime.bigint();
      const ran = spawnSync(process.execPath, args, { env, stdio: "ignore" });
      const ms = Number(process.hrtime.bigint() - from) / 1e6;
      if (ran.status !== 0) throw new Error(`${name} ended with ${ran.status}`);
      if (round >= 0) taken[name].push(ms);
    }
  }
  const base = medianOf(taken["node -e 0"]);
  let isOver = false;
  for (const [name, times] of Object.entries(taken) as [Name, number[]][]) {
    const ratio = medianOf(times) / base;
    const limit = name in most ? most[name as keyof typeof most] : null;
    isOver ||= limit !== null && ratio > limit;
    const judged =
      limit === null ? "" : `  ${ratio.toFixed(2)}x of node -e 0, at most ${limit}x${ratio > limit ? "  OVER" : ""}`;
    process.stdout.write(
      `${name.padEnd(30)} ${medianOf(times).toFixed(1).padStart(7)} ms (median of ${rounds})${judged}\n`,
    );
  }
  process.exitCode = isOver ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** As a person has it: a profile, a store with work in it, and a runtime (this process) that works it. */
async function putInUse(home: string): Promise<void> {
  const profile = join(home, "control-plane/profiles/web");
  mkdirSync(profile, { recursive: true });
  writeFileSync(
    join(profile, "control-plane.yaml"),
    "id: web\nrepo: { slug: octo/web }\nexecution: { coding_worker: codex }\n",
  );
  const store = await openStore({ path: storePath(home) });
  for (const number of [1, 2, 3])
    await store.tasks.enqueue({ queue: "web", subject: `issue:${number}`, dedupeKey: `web/${number}` }, "bench");
  const own = processMark(process.pid);
  if (own === null) throw new Error("no mark of this process");
  const facts = {
    stamp: fileStamp(join(profile, "control-plane.yaml")),
    timeZone: "UTC",
    limit: { usd: null, tokens: null },
  };
  const row = {
    id: "r-bench",
    process: own,
    host: hostname(),
    version: "0",
    profileIds: ["web"],
    startedAt: Date.now(),
  };
  await store.runtimes.put({ ...row, heartbeatAt: Date.now(), state: "ready", lastTick: { web: { facts } } });
  // The store stays open, as under a daemon.
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
