// Flows: from the command to the id against `node -e 0`, and thousands of tasks that do nothing against a bare loop that
// spawns as many processes, as many at once. Times depend on what else the machine does; processor time hardly does.
//   npm run bench -- flow [tasks] [part…]     part: submit, wide, deep, diamond; all of them by default
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type FlowEngine, openStore, parsePlan, systemClock } from "@agent-control-plane/core";
import { openFlowEngine } from "../../packages/cli/src/flow/open-engine.ts";

const shapes = ["wide", "deep", "diamond"] as const;
type Shape = (typeof shapes)[number];

const count = Number(process.argv.slice(2).find((arg) => /^\d+$/.test(arg)) ?? 5_000);
const parts = process.argv.slice(2).filter((arg) => !/^\d+$/.test(arg));
const isWanted = (part: string) => parts.length === 0 || parts.includes(part);
const atOnce = 4;
const folder = mkdtempSync(join(tmpdir(), "acp-flow-bench-"));
const say = (line: string) => void process.stdout.write(`${line}\n`);
try {
  say(
    `load of the machine: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(" ")}`,
  );
  if (isWanted("submit")) await submitting();
  for (const shape of shapes) if (isWanted(shape)) await working(shape);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One after the other within a round, so that whatever else the machine does is shared by all. */
async function submitting(): Promise<void> {
  const built = spawnSync(process.execPath, ["scripts/build.mjs"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  const cli = join(process.cwd(), "dist/package/dist/cli.js");
  const planFile = (size: number) => {
    const file = join(folder, `plan-${size}.yaml`);
    writeFileSync(file, yamlOf(size));
    return file;
  };
  const [small, large] = [planFile(6), planFile(40)];
  const homes = { worked: join(folder, "worked"), alone: join(folder, "alone"), fresh: join(folder, "fresh") };
  for (const home of Object.values(homes)) mkdirSync(home);
  const env = (home: string) => ({ PATH: process.env.PATH, HOME: folder, AGENT_RUNTIME_HOME: home });
  const worker = spawn(process.execPath, [cli, "flow", "work"], { env: env(homes.worked), stdio: "ignore" });
  const ran = (args: readonly string[], home: string) => {
    const [cpu, from] = [childCpuMs(), performance.now()];
    const done = spawnSync(process.execPath, args, { env: env(home), encoding: "utf8" });
    if (done.status !== 0) throw new Error(`${args.join(" ")} ended with ${done.status}: ${done.stderr}`);
    return { ms: performance.now() - from, cpuMs: childCpuMs() - cpu, text: done.stdout };
  };
  const cases: Record<string, () => ReturnType<typeof ran>> = {
    "node -e 0": () => ran(["-e", "0"], homes.worked),
    "flow run, 6 tasks, a runtime runs": () => ran([cli, "flow", "run", small], homes.worked),
    "flow run, 40 tasks, a runtime runs": () => ran([cli, "flow", "run", large], homes.worked),
    "flow run, 6 tasks, none runs": () => {
      const done = ran([cli, "flow", "run", small, "--json"], homes.alone);
      const { started, flow } = JSON.parse(done.text) as { started: number; flow: string };
      endRuntime(started);
      ran([cli, "flow", "cancel", flow], homes.alone); // or the next one would go on with it
      return done;
    },
    "flow run, 6 tasks, the first of all": () => {
      const done = ran([cli, "flow", "run", small, "--json"], homes.fresh);
      endRuntime((JSON.parse(done.text) as { started: number }).started);
      rmSync(homes.fresh, { recursive: true });
      mkdirSync(homes.fresh);
      return done;
    },
  };
  const taken = Object.fromEntries(Object.keys(cases).map((name) => [name, [] as ReturnType<typeof ran>[]]));
  try {
    await systemClock.sleep(1_000);
    for (let round = -2; round < 25; round += 1) {
      for (const [name, act] of Object.entries(cases)) {
        const done = act();
        if (round >= 0) taken[name]?.push(done);
        // What the flow does is none of the next one's.
        if (name !== "node -e 0") await systemClock.sleep(500);
      }
    }
  } finally {
    worker.kill("SIGTERM");
  }
  const median = (name: string) => medianOf((taken[name] ?? []).map(({ ms }) => ms));
  const cpu = (name: string) => (taken[name] ?? []).reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 25;
  const base = "node -e 0";
  say(`${base.padEnd(36)} ${median(base).toFixed(1)} ms, processor ${cpu(base).toFixed(1)} ms`);
  for (const name of Object.keys(cases).slice(1)) {
    const more = median(name) - median(base);
    // A home's very first command makes its database, too.
    const judged = more > 100 && !name.endsWith("first of all") ? "  OVER 100" : "";
    say(
      `${name.padEnd(36)} ${more.toFixed(1)} ms more, processor ${(cpu(name) - cpu(base)).toFixed(1)} ms more${judged}`,
    );
  }
}

/** The one that a `flow run` started. */
function endRuntime(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

async function working(shape: Shape): Promise<void> {
  const size = count;
  const lanes = shape === "deep" ? 1 : atOnce;
  const before = await measured(() => bareLoop(size / 2, lanes));
  const home = join(folder, shape);
  mkdirSync(join(home, "f"), { recursive: true });
  let statements = 0;
  let commits = 0;
  const store = await openStore({
    path: join(home, "store.db"),
    onStatement(sql) {
      statements += 1;
      if (sql === "commit") commits += 1;
    },
  });
  const plan = { name: shape, parallelism: atOnce, tasks: tasksOf(shape, size) };
  const parsed = await parsePlan(JSON.stringify(plan), { file: "plan.json", cwd: home, format: "json" });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems[0]));
  await store.flows.submit(parsed.plan, { id: "f", folder: join(home, "f"), submittedBy: "bench" });
  [statements, commits] = [0, 0];
  const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
  const engine = openFlowEngine({ home, env: process.env, store, clock: systemClock, log: quiet, runtimeId: "bench" });
  let running = Promise.resolve();
  const flow = await measured(async () => {
    running = engine.run();
    while ((await store.flows.get("f"))?.finishedAt === null) await systemClock.sleep(100);
  });
  const rss = process.memoryUsage.rss() / 2 ** 20;
  const { succeeded } = await store.flows.counts("f");
  await ended(engine, running);
  await store.close();
  const after = await measured(() => bareLoop(size / 2, lanes));
  const bare = { ms: before.ms + after.ms, cpuMs: before.cpuMs + after.cpuMs };
  const each = (ms: number) => (ms / size).toFixed(2);
  say(
    `${shape.padEnd(8)} ${size} tasks: ${each(flow.ms)} ms a task, bare spawn ${each(bare.ms)} ms, ratio ${(flow.ms / bare.ms).toFixed(2)}; ` +
      `processor ${each(flow.cpuMs)} and ${each(bare.cpuMs)} ms, ratio ${(flow.cpuMs / bare.cpuMs).toFixed(2)}; ` +
      `${each(statements)} statements, ${each(commits)} commits a task; ${succeeded} succeeded, ${rss.toFixed(0)} MB`,
  );
}

async function ended(engine: FlowEngine, running: Promise<void>): Promise<void> {
  await engine.stop("end");
  await running;
}

/** Processor time of this process and of its children that have ended. */
async function measured(act: () => Promise<void>): Promise<{ readonly ms: number; readonly cpuMs: number }> {
  const own = process.cpuUsage();
  const [cpu, from] = [childCpuMs(), performance.now()];
  await act();
  const ms = performance.now() - from;
  const { user, system } = process.cpuUsage(own);
  return { ms, cpuMs: childCpuMs() - cpu + (user + system) / 1_000 };
}

/** Linux counts it in hundredths of a second. */
function childCpuMs(): number {
  const [, , , , , , , , , , , , , user, system] =
    readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(user) + Number(system)) * 10;
}

/** As people write them. */
function yamlOf(size: number): string {
  const tasks = tasksOf("diamond", size).map(({ id, depends_on }) =>
    [
      `  - id: ${id}`,
      `    name: Step ${id} of the plan`,
      "    worker: shell",
      "    command: |",
      "      set -e",
      "      true",
      "    timeout: 5m",
      "    retry: { count: 2, backoff: 1s }",
      ...(depends_on.length === 0 ? [] : [`    depends_on: [${depends_on.join(", ")}]`]),
    ].join("\n"),
  );
  return `name: bench\ngoal: Nothing is done, and that quickly.\nparallelism: 4\ntasks:\n${tasks.join("\n")}\n`;
}

function tasksOf(shape: Shape, size: number) {
  const needs = (index: number): readonly string[] => {
    if (index === 0 || shape === "wide") return [];
    if (shape === "deep") return [`t${index - 1}`];
    const layer = 50;
    const before = Math.floor((index - 1) / layer) * layer;
    return before === 0 ? ["t0"] : [`t${before}`, `t${before - 1}`];
  };
  return Array.from({ length: size }, (_, index) => ({
    ...{ id: `t${index}`, worker: "shell", command: ["/bin/true"], depends_on: needs(index) },
  }));
}

async function bareLoop(size: number, lanes: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < size) {
      next += 1;
      await new Promise<void>((resolve) => {
        spawn("/bin/true", [], { stdio: "ignore" }).on("exit", () => resolve());
      });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
