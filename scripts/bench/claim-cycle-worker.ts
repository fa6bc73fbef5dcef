import { writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { type OpenStore, openStore } from "../../packages/core/src/store/open-store.ts";

const leaseMs = 60_000;

export interface Report {
  readonly cycles: number;
  readonly seconds: number;
  readonly errors: number;
  readonly terms: readonly string[];
  readonly latencies: readonly number[];
}

/** Works cycles for some seconds and writes a report. Args: store path, `bare` or `store`, owner, seconds, report path. */
export async function workCycles(args: readonly string[]): Promise<void> {
  const [path = "", driver = "", owner = "", seconds = "", reportPath = ""] = args;
  const cycle = driver === "bare" ? await bareCycle(path, owner) : await storeCycle(path, owner);
  console.log("ready");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const report = { cycles: 0, seconds: 0, errors: 0, firstError: "", terms: [] as string[], latencies: [] as number[] };
  const startedAt = performance.now();
  const endsAt = startedAt + Number(seconds) * 1000;
  for (let now = startedAt; now < endsAt; ) {
    try {
      report.terms.push(await cycle());
      report.cycles += 1;
    } catch (error) {
      report.errors += 1;
      report.firstError ||= String(error);
    }
    const after = performance.now();
    report.latencies.push(after - now);
    now = after;
  }
  report.seconds = (performance.now() - startedAt) / 1000;
  if (report.errors > 0)
    process.stderr.write(`${driver} ${owner}: ${report.errors} errors, first: ${report.firstError}\n`);
  writeFileSync(reportPath, JSON.stringify(report));
  process.exit(0);
}

async function storeCycle(path: string, owner: string): Promise<() => Promise<string>> {
  return cycleOf(await openStore({ path }), owner);
}

/** The task goes back to the queue, so that its length stays what it is. */
function cycleOf(store: OpenStore, owner: string): () => Promise<string> {
  return async () => {
    const claim = await store.tasks.claim({ queues: ["bench"], owner, leaseMs });
    if (!claim) throw new Error("the queue is empty");
    if ((await store.tasks.heartbeat(claim.lease, leaseMs)) === "lost") throw new Error("lost at the heartbeat");
    const release = { kind: "retry", runAt: 0, reason: "bench" } as const;
    if ((await store.tasks.release(claim.lease, release, { actor: owner })) === "lost")
      throw new Error("lost at the end");
    return `${claim.task.id}/${claim.task.term}`;
  };
}

/** Records one cycle of the store, then runs its statements with nothing in between but the values that change. */
async function bareCycle(path: string, owner: string): Promise<() => Promise<string>> {
  const recorded = await recordCycle(path, owner);
  const database = new Database(path);
  for (const pragma of ["synchronous = full", "foreign_keys = on", "wal_autocheckpoint = 1000"]) {
    database.pragma(pragma);
  }
  const statements = recorded.map(({ sql, params }) => ({ prepared: database.prepare(sql), params }));
  return async () => {
    const now = Date.now();
    const changing: Record<string, unknown> = { now, at: now, claimedAt: now, heartbeatAt: now, startedAt: now };
    changing.expiresAt = now + leaseMs;
    for (const { prepared, params } of statements) {
      const bound = params && { ...params, ...changing };
      if (!prepared.reader) bound ? prepared.run(bound) : prepared.run();
      else Object.assign(changing, leaseIn(prepared.get(bound) as Record<string, unknown>));
    }
    return `${changing.taskId}/${changing.term}`;
  };
}

/** What the following statements need from a row: which task, and under which term. */
function leaseIn(row: Record<string, unknown>): Record<string, unknown> {
  return { taskId: row.taskId ?? row.id, ...(row.term === undefined ? {} : { term: row.term }) };
}

interface Recorded {
  readonly sql: string;
  readonly params: Record<string, unknown> | undefined;
}

async function recordCycle(path: string, owner: string): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = [];
  let recording = false;
  const store = await openStore({ path, onStatement: (sql, params) => recording && recorded.push({ sql, params }) });
  const cycle = cycleOf(store, owner);
  recording = true;
  await cycle();
  await store.close();
  return recorded;
}
