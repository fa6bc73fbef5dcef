// Flows: from the command to the id against `node -e 0`, and thousands of tasks that do nothing against a bare loop that
// spawns as many processes, as many at once.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlowEngine, openStore, parsePlan, systemClock } from "@agent-control-plane/core";
import { createCommandWorkers } from "@agent-control-plane/runners";

const count = Number(process.argv[2] ?? 5_000);
const atOnce = 4;
const folder = mkdtempSync(join(tmpdir(), "acp-flow-bench-"));
const say = (line: string) => void process.stdout.write(`${line}\n`);
try {
  await submitting();
  for (const shape of ["wide", "deep", "diamond"] as const) await working(shape);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function submitting(): Promise<void> {
  const built = spawnSync(process.execPath, ["scripts/build.mjs"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  const cli = join(process.cwd(), "dist/package/dist/cli.js");
  const plan = join(folder, "plan.json");
  writeFileSync(plan, JSON.stringify(planOf("diamond", 6)));
  const env = { PATH: process.env.PATH, HOME: folder, AGENT_RUNTIME_HOME: join(folder, "home") };
  const timed = (args: readonly string[]) => {
    const from = performance.now();
    const ran = spawnSync(process.execPath, args, { env, stdio: "ignore" });
    if (ran.status !== 0) throw new Error(`${args.join(" ")} ended with ${ran.status}`);
    return performance.now() - from;
  };
  const bare: number[] = [];
  const run: number[] = [];
  for (let round = -2; round < 25; round += 1) {
    const [none, submitted] = [timed(["-e", "0"]), timed([cli, "flow", "run", plan, "--no-start"])];
    if (round < 0) continue;
    bare.push(none);
    run.push(submitted);
  }
  const more = medianOf(run) - medianOf(bare);
  say(
    `node -e 0 ${medianOf(bare).toFixed(1)} ms, acp flow run ${medianOf(run).toFixed(1)} ms: ${more.toFixed(1)} ms more${more > 100 ? "  OVER 100" : ""}`,
  );
}

async function working(shape: "wide" | "deep" | "diamond"): Promise<void> {
  const size = shape === "deep" ? Math.min(count, 1_000) : count;
  const bare = await bareLoop(size, shape === "deep" ? 1 : atOnce);
  const home = join(folder, shape);
  mkdirSync(join(home, "f"), { recursive: true });
  const store = await openStore({ path: join(home, "store.db") });
  const parsed = await parsePlan(JSON.stringify(planOf(shape, size)), { file: "plan.json", cwd: home, format: "json" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems[0]));
  await store.flows.submit(parsed.plan, { id: "f", folder: join(home, "f"), submittedBy: "bench" });
  let session = 0;
  const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
  const engine = new FlowEngine({
    ...{ store, clock: systemClock, log: quiet, runtimeId: "bench", workerNames: ["shell"], most: 64 },
    workers: createCommandWorkers({ clock: systemClock, env: process.env }),
    newSessionId: () => {
      session += 1;
      return `bench-${process.pid}-${shape}-${session}`;
    },
    callBack: async () => ({ isOver: true, answer: "" }),
  });
  const from = performance.now();
  const running = engine.run();
  while ((await store.flows.get("f"))?.finishedAt === null) await systemClock.sleep(50);
  const took = performance.now() - from;
  const rss = process.memoryUsage.rss() / 2 ** 20;
  const { succeeded } = await store.flows.counts("f");
  await engine.stop("end");
  await running;
  await store.close();
  say(
    `${shape.padEnd(8)} ${size} tasks: ${(took / size).toFixed(2)} ms a task, bare spawn ${(bare / size).toFixed(2)} ms, ratio ${(took / bare).toFixed(2)}, ` +
      `${succeeded} succeeded, ${rss.toFixed(0)} MB`,
  );
}

function planOf(shape: "wide" | "deep" | "diamond", size: number) {
  const needs = (index: number): readonly string[] => {
    if (index === 0 || shape === "wide") return [];
    if (shape === "deep") return [`t${index - 1}`];
    const layer = 50;
    const before = Math.floor((index - 1) / layer) * layer;
    return before === 0 ? ["t0"] : [`t${before}`, `t${before - 1}`];
  };
  const tasks = Array.from({ length: size }, (_, index) => ({
    ...{ id: `t${index}`, worker: "shell", command: ["/bin/true"], depends_on: needs(index) },
  }));
  return { name: shape, parallelism: atOnce, tasks };
}

async function bareLoop(size: number, lanes: number): Promise<number> {
  let next = 0;
  const lane = async () => {
    while (next < size) {
      next += 1;
      await new Promise<void>((resolve) => {
        spawn("/bin/true", [], { stdio: "ignore" }).on("exit", () => resolve());
      });
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  return performance.now() - from;
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
