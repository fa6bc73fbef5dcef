/**
 * claim + heartbeat + release through the store's API, as a ratio to bare better-sqlite3 that runs the very same
 * statements (recorded from the store, with the values it bound) under the same durability, on a copy of the same file.
 *
 *   node <bundle> [--quick] [--json]
 *
 * The bundle starts itself again as the worker processes (`--worker`).
 */
import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { openStore } from "../../packages/core/src/store/open-store.ts";
import { staleRecovery } from "../../packages/core/src/task-api.ts";
import { type Report, workCycles } from "./claim-cycle-worker.ts";

const quick = process.argv.includes("--quick");
const sizes = quick ? [200, 20_000] : [200, 20_000, 1_000_000];
const processCounts = [1, 4, 8];
const secondsPerRun = quick ? 1 : 3;
const rounds = quick ? 1 : 5;

const workerAt = process.argv.indexOf("--worker");
if (workerAt >= 0) await workCycles(process.argv.slice(workerAt + 1));
else await measure();

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "acp-bench-"));
  try {
    const lines: Record<string, unknown>[] = [];
    for (const size of sizes) lines.push(...(await compare(await seed(join(folder, `queue-${size}.db`), size), size)));
    lines.push(await recovery(folder, 10_000));
    print(lines);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Each round runs all contenders one after the other and forms its own ratios: a machine that is slow for a while is
 * slow for all of them. Medians over the rounds.
 */
async function compare(seeded: string, size: number): Promise<Record<string, unknown>[]> {
  const bare: Run[] = [];
  const store = new Map<number, Run[]>(processCounts.map((processes) => [processes, []]));
  for (let round = 0; round < rounds; round++) {
    bare.push(await oneRun(seeded, "bare", 1));
    for (const [processes, runs] of store) runs.push(await oneRun(seeded, "store", processes));
  }
  const alone = store.get(1) ?? [];
  return [...store].map(([processes, runs]) => ({
    queued: size,
    processes,
    "cycles/s": spread(
      runs.map((run) => run.cyclesPerSecond),
      0,
    ),
    "bare cycles/s": spread(
      bare.map((run) => run.cyclesPerSecond),
      0,
    ),
    "ratio to bare": spread(
      runs.map((run, round) => run.cyclesPerSecond / (bare[round]?.cyclesPerSecond ?? 0)),
      2,
    ),
    "ratio to one process": spread(
      runs.map((run, round) => run.cyclesPerSecond / (alone[round]?.cyclesPerSecond ?? 0)),
      2,
    ),
    "smallest share of fair": spread(
      runs.map((run) => run.smallestShare),
      2,
    ),
    errors: sum(runs.map((run) => run.errors)),
    duplicates: sum(runs.map((run) => run.duplicates)),
    "p50 ms": spread(
      runs.map((run) => run.p50),
      2,
    ),
    "p99 ms": spread(
      runs.map((run) => run.p99),
      2,
    ),
  }));
}

/** Median [smallest-largest]. */
function spread(values: readonly number[], digits: number): string {
  const [smallest, largest] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} [${smallest.toFixed(digits)}-${largest.toFixed(digits)}]`;
}

interface Run {
  readonly cyclesPerSecond: number;
  readonly smallestShare: number;
  readonly errors: number;
  readonly duplicates: number;
  readonly p50: number;
  readonly p99: number;
}

async function oneRun(seeded: string, driver: "bare" | "store", processes: number): Promise<Run> {
  const path = `${seeded}.run`;
  copyFileSync(seeded, path);
  const reports = await startWorkers(path, driver, processes);
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  const cycles = sum(reports.map((report) => report.cycles));
  const given = reports.flatMap((report) => report.terms);
  const latencies = reports.flatMap((report) => report.latencies).sort((a, b) => a - b);
  return {
    cyclesPerSecond: sum(reports.map((report) => report.cycles / report.seconds)),
    smallestShare: Math.min(...reports.map((report) => report.cycles)) / (cycles / processes),
    errors: sum(reports.map((report) => report.errors)),
    // One task under one term given out twice would be two holders at once.
    duplicates: given.length - new Set(given).size,
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
  };
}

async function startWorkers(path: string, driver: string, processes: number): Promise<readonly Report[]> {
  const workers = Array.from({ length: processes }, (_, index) => {
    const report = `${path}.report-${index}`;
    const args = [fileURLToPath(import.meta.url), "--worker", path, driver, `w${index}`, String(secondsPerRun), report];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.once("close", resolve));
    return { child, ended, report, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  for (const worker of workers) await worker.lines.next();
  for (const worker of workers) worker.child.stdin.write("go\n");
  await Promise.all(workers.map((worker) => worker.ended));
  return workers.map(({ report }) => JSON.parse(readFileSync(report, "utf8")) as Report);
}

/** A store with `size` queued tasks of some history; written directly, because a million enqueues take minutes. */
async function seed(path: string, size: number): Promise<string> {
  await (await openStore({ path })).close();
  const database = new Database(path);
  database.pragma("synchronous = off");
  database
    .prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < @size)
       insert into tasks (queue, subject, lane, state, priority, run_at, max_attempts, payload, created_at, updated_at)
       select 'bench', '', '', 'queued', i % 5, 0, 1000000000, '{"number":' || i || '}', 0, 0 from n`,
    )
    .run({ size });
  database.pragma("wal_checkpoint(truncate)");
  database.close();
  return path;
}

async function recovery(folder: string, size: number): Promise<Record<string, unknown>> {
  const path = await seed(join(folder, "stale.db"), size);
  const database = new Database(path);
  database.exec(
    `update tasks set state = 'running', term = 1, attempts = 1;
     insert into leases (task_id, term, owner, claimed_at, heartbeat_at, expires_at)
       select id, 1, 'gone', 0, 0, 1000 from tasks`,
  );
  database.close();
  const store = await openStore({ path });
  const startedAt = performance.now();
  const { requeued } = await staleRecovery(store, { missingHeartbeatMs: 1000 });
  const seconds = (performance.now() - startedAt) / 1000;
  await store.close();
  return { "stale tasks recovered": requeued.length, seconds: round2(seconds) };
}

function print(lines: readonly Record<string, unknown>[]): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ bench: "claim-cycle", node: process.version, lines }, null, 2));
    return;
  }
  console.log(`claim + heartbeat + release, full synchronous, ${tmpdir()}, node ${process.version}`);
  for (const line of lines) {
    console.log(
      Object.entries(line)
        .map(([name, value]) => `${name} ${value}`)
        .join(" | "),
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
