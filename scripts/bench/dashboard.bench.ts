/**
 * The dashboard over a large store: what `/api/v1/state` takes and weighs, what a look costs when nothing happened, when one
 * event came and when all sessions said something, and what somebody who follows costs the one who writes beside it.
 * As ratios to the same bytes served bare, and to the same statements run bare, in the same run.
 *
 *   node <bundle> [--quick] [--json] [--profiles=N] [--events=N]
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { type Store, storePath } from "../../packages/core/src/index.ts";
import { openStore, openStoreToRead } from "../../packages/core/src/store/open-store.ts";
import type { Documents } from "../../packages/dashboard/src/index.ts";
import { besideDashboard, servesDashboard, sourceOf } from "./dashboard-process.ts";
import { fillHome, talk } from "./large-home.ts";

const quick = process.argv.includes("--quick");
const given = (name: string, otherwise: number) =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
const profiles = given("profiles", quick ? 10 : 100);
const rounds = quick ? 20 : 60;

if (!(await servesDashboard())) await measure();

async function measure(): Promise<void> {
  const size = { profiles, runs: profiles * 100, events: given("events", profiles * 10_000) };
  const home = mkdtempSync(join(tmpdir(), "acp-bench-"));
  try {
    await fillHome(home, size);
    const writer = await openStore({ path: storePath(home) });
    const looks = await ofLooks(home, writer);
    const server = await ofServer(home, writer);
    await writer.close();
    const host = `${availableParallelism()} cores, load ${round2(loadavg()[0] ?? 0)}`;
    print({ host, ...size, ...looks, ...server });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

type Statement = readonly [sql: string, params: object | undefined];

/** In this process, without a server. */
async function ofLooks(home: string, writer: Store): Promise<object> {
  let statements: Statement[] = [];
  const onStatement = (sql: string, params?: object) => void statements.push([sql, params]);
  const source = sourceOf(home, () => openStoreToRead({ path: storePath(home), onStatement }));
  let documents: Documents = new Map();
  const look = async () => {
    statements = [];
    documents = await source.read(documents);
  };
  const first = await timed(look);
  const firstStatements = statements.length;
  const idle = await repeated(look);
  const idleStatements = statements.length;
  const one = await repeated(look, (round) => oneEvent(writer, round));
  const same = statements;
  const bare = await bareStatements(home, same);
  const all = await repeated(look, async (round) => talk(home, profiles, round));
  await source.close();
  return {
    firstLook: { ms: round2(first), statements: firstStatements },
    lookWhenNothingHappened: { ...idle, statements: idleStatements },
    lookAfterOneEvent: { ...one, statements: same.length, toTheSameStatementsBare: round2(one.cpuMs / bare.cpuMs) },
    lookWhenAllSessionsSaidSomething: all,
  };
}

function oneEvent(writer: Store, round: number): Promise<unknown> {
  return writer.events.append({ kind: "bench.said", actor: "bench", profileId: `p${round % profiles}` });
}

async function bareStatements(home: string, statements: readonly Statement[]) {
  const database = new Database(storePath(home), { readonly: true });
  const prepared = statements
    .filter(([sql]) => /^\s*(select|with)/i.test(sql))
    .map(([sql, params]) => ({ statement: database.prepare(sql), params }));
  const times = await repeated(async () => {
    for (const { statement, params } of prepared) params ? statement.all(params) : statement.all();
  });
  database.close();
  return times;
}

/** A dashboard as it is, in a process of its own: asked, and followed while somebody else writes. */
async function ofServer(home: string, writer: Store): Promise<object> {
  return besideDashboard(fileURLToPath(import.meta.url), home, async (dashboard) => {
    const { url } = dashboard;
    const body = await (await fetch(`${url}/api/v1/state`)).text();
    const state = await repeated(async () => void (await (await fetch(`${url}/api/v1/state`)).text()));
    const bare = await bareServer(body);
    const { rss } = await dashboard.ask();
    const alone: Times[] = [];
    const beside: Times[] = [];
    let cpu = 0;
    // In turn: what else the machine does meanwhile is then in both.
    for (let turn = 0; turn < 3; turn += 1) {
      alone.push(await ofWriter(writer));
      const { stop } = await dashboard.follow();
      const before = await dashboard.ask();
      beside.push(await ofWriter(writer));
      const after = await dashboard.ask();
      stop();
      cpu = (after.cpuMs - before.cpuMs) / (after.at - before.at);
    }
    const after = await dashboard.ask();
    return {
      state: { ...state, bytes: body.length, toTheSameBytesBare: round2(state.p50 / bare.p50) },
      rssMb: { asked: round2(rss / 1e6), followed: round2(after.rss / 1e6) },
      writer: {
        ...{ alone: middle(alone), besideAFollower: middle(beside) },
        ratio: round2(middle(beside).p50 / middle(alone).p50),
        cpuRatio: round2(middle(beside).cpuMs / middle(alone).cpuMs),
      },
      coresWhileFollowed: round2(cpu),
    };
  });
}

/** What the ticks of one profile after another write and read, at the pace of a busy daemon. */
async function ofWriter(writer: Store) {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  return repeated(async (round) => {
    const profileId = `p${round % profiles}`;
    await writer.tasks.list({ queue: profileId, states: ["queued", "scheduled", "running"] });
    await writer.outbox.list({ profileId, states: ["pending"] });
    const decisions = await writer.decisions.listAbout(profileId);
    const changed = decisions.map(({ about, ...each }, nth) => ({
      ...each,
      ...(about ? { about } : {}),
      ...(nth === 0 ? { reason: `reason-${Math.random()}` } : {}),
    }));
    await writer.decisions.replace(profileId, changed, "bench");
  }, pause);
}

async function bareServer(body: string) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const times = await repeated(async () => void (await (await fetch(url)).text()));
  server.closeAllConnections();
  server.close();
  return times;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

interface Times {
  readonly p50: number;
  readonly p95: number;
  /** Of this process, each time: what else the machine does is not in it. */
  readonly cpuMs: number;
}

/** The first of them warm up, and are not counted. */
async function repeated(
  work: (round: number) => Promise<unknown>,
  before?: (round: number) => Promise<unknown>,
): Promise<Times> {
  const times: number[] = [];
  let cpu = 0;
  for (let round = -5; round < rounds; round += 1) {
    await before?.(round + 5);
    const cpuBefore = process.cpuUsage();
    const ms = await timed(() => work(round + 5));
    const { user, system } = process.cpuUsage(cpuBefore);
    if (round < 0) continue;
    times.push(ms);
    cpu += (user + system) / 1_000;
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => round2(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), cpuMs: round2(cpu / rounds) };
}

function middle(all: readonly Times[]): Times {
  return all.toSorted((a, b) => a.p50 - b.p50)[Math.floor(all.length / 2)] ?? { p50: 0, p95: 0, cpuMs: 0 };
}

function print(line: object): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ bench: "dashboard", node: process.version, lines: [line] }, null, 2));
    return;
  }
  console.log(`a dashboard over a large store, milliseconds, node ${process.version}`);
  for (const [name, value] of Object.entries(line)) console.log(`  ${name}: ${JSON.stringify(value)}`);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
