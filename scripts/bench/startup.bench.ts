// Start-up of the built program against `node -e 0`: a command that people and scripts run all day must feel like none.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";

const rounds = Number(process.argv[2] ?? 25);
const most = { "acp --version": 2, "acp runtime status": 3 } as const;

const built = spawnSync(process.execPath, ["scripts/build.mjs"], { encoding: "utf8" });
if (built.status !== 0) throw new Error(built.stderr);
const cli = join(process.cwd(), "dist/package/dist/cli.js");
const folder = mkdtempSync(join(tmpdir(), "acp-startup-"));
try {
  const env = { PATH: process.env.PATH, HOME: folder, AGENT_RUNTIME_HOME: join(folder, "home") };
  const profile = join(folder, "home/control-plane/profiles/web");
  mkdirSync(profile, { recursive: true });
  writeFileSync(
    join(profile, "control-plane.yaml"),
    "id: web\nrepo: { slug: octo/web }\nexecution: { coding_worker: codex }\n",
  );
  await (await openStore({ path: storePath(join(folder, "home")) })).close();

  const commands = {
    "node -e 0": ["-e", "0"],
    "acp --version": [cli, "--version"],
    "acp runtime status": [cli, "runtime", "status"],
  } as const;
  type Name = keyof typeof commands;
  const taken: Record<Name, number[]> = { "node -e 0": [], "acp --version": [], "acp runtime status": [] };
  // One after the other within a round, so that whatever else the machine does is shared by all.
  for (let round = -2; round < rounds; round += 1) {
    for (const [name, args] of Object.entries(commands) as [Name, readonly string[]][]) {
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
      `${name.padEnd(20)} ${medianOf(times).toFixed(1).padStart(7)} ms (median of ${rounds})${judged}\n`,
    );
  }
  process.exitCode = isOver ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
