/**
 * One pass of a runtime over all its profiles while nothing changes: real scheduler, store and requests, a real local
 * forge in a process of its own. As a ratio to the same requests sent by bare fetch, with the pages parsed. Then the same
 * passes while one issue of each profile changes, beside a dashboard that somebody follows: as a ratio to those without.
 *
 *   node <bundle> [--quick] [--json] [--profiles=N] [--cpu-profile=FILE]
 *
 * `--cpu-profile` writes where the time of our passes goes, for the developer tools of a browser.
 * CPU time is this process's own; the forge's is not in it. Wall time has the forge's in it.
 */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { availableParallelism, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  defaultHostLimits,
  observeHost,
  profileFile,
  storePath,
  systemClock,
  tick,
} from "../../packages/core/src/index.ts";
import { openStore } from "../../packages/core/src/store/open-store.ts";
import type { ForgeAdminClient } from "../../packages/local-forge/src/index.ts";
import { type SchedulerOnForge, schedulerOnForge } from "../../test/support/scheduler-on-forge.ts";
import { besideDashboard, servesDashboard } from "./dashboard-process.ts";
import { besideForge } from "./forge-process.ts";

const quick = process.argv.includes("--quick");
const numberOf = (name: string, otherwise: number) =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
const profiles = numberOf("profiles", quick ? 10 : 100);
const issuesEach = 98;
const pullsEach = 2;
const passes = quick ? 6 : 10;
const cpuProfile = process.argv.find((arg) => arg.startsWith("--cpu-profile="))?.split("=")[1];

const program = fileURLToPath(import.meta.url);
if (!(await servesDashboard()))
  await besideForge(program, async (folder, admin) => {
    print(await compare(folder, admin, await fill(folder, admin)));
  });

/** Repositories with opted-in issues and pull requests of ours; answers the token of our account. */
async function fill(folder: string, admin: ForgeAdminClient): Promise<string> {
  const git = (...args: readonly string[]) =>
    promisify(execFile)("git", [...args], { env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" } });
  const seed = join(folder, "seed");
  await git("init", "--quiet", "--initial-branch=main", seed);
  const commit = async (text: string) => {
    writeFileSync(join(seed, "README.md"), `${text}\n`);
    await git("-C", seed, "add", ".");
    const who = ["-c", "user.name=Bot", "-c", "user.email=bot@example.test"];
    await git("-C", seed, ...who, "commit", "--quiet", "--message", text);
  };
  await commit("first");
  await admin.createUser({ login: "bot" });
  const token = await admin.createToken({ login: "bot" });
  const bare = join(folder, "seed.git");
  await git("clone", "--quiet", "--bare", seed, bare);
  await git("-C", seed, "checkout", "--quiet", "-b", "work");
  await commit("work");
  await inParallel(profiles, async (index) => {
    const slug = `bot/r${index}`;
    await admin.createRepository({ owner: "bot", name: `r${index}`, importFrom: bare });
    const post = async (path: string, body: object) => {
      const headers = { authorization: `Bearer ${token}` };
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      const response = await fetch(`${admin.url}/api/v3/repos/${slug}${path}`, init);
      if (response.status !== 201) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      await response.arrayBuffer();
    };
    for (let n = 0; n < issuesEach; n += 1) {
      await post("/issues", {
        title: `Work ${n}`,
        body: `${"Some words of it. ".repeat(40)}`,
        labels: ["agent-ready"],
      });
    }
    const heads = Array.from({ length: pullsEach }, (_, n) => `agent/r${index}/issue-${1000 + n}-s1`);
    const remote = `${admin.url.replace("http://", `http://x-access-token:${token}@`)}/${slug}.git`;
    await git("-C", seed, "push", "--quiet", remote, ...heads.map((head) => `work:refs/heads/${head}`));
    for (const head of heads) {
      await post("/pulls", { title: head, head, base: "main" });
      await admin.setChecks({ repository: slug, ref: head, checks: { build: "success" } });
    }
  });
  return token;
}

interface Pass {
  readonly ms: number;
  readonly cpuMs: number;
}

async function compare(folder: string, admin: ForgeAdminClient, token: string): Promise<Record<string, unknown>> {
  let statements = 0;
  const count = () => {
    statements += 1;
  };
  for (let index = 0; index < profiles; index += 1) installProfile(folder, `r${index}`);
  mkdirSync(dirname(storePath(folder)), { recursive: true });
  const store = await openStore({ path: storePath(folder), onStatement: count });
  await store.pauses.set({ scope: "*", actor: "bench", reason: "only looking" });
  const asked: string[] = [];
  const host = () =>
    observeHost({ store, clock: systemClock }, defaultHostLimits, () => ({
      ...{ freeMemoryMb: 10_000, freeDiskMb: 100_000, loadPerCpu: 0 },
    }));
  const all = Array.from({ length: profiles }, (_, index) =>
    schedulerOnForge({
      ...{ id: `r${index}`, slug: `bot/r${index}`, apiUrl: `${admin.url}/api/v3`, token, store, host },
      ...{ clock: systemClock, onRequest: ({ url }) => void asked.push(url) },
    }),
  );
  const settledIn = await settle(all, admin);
  const ours: Pass[] = [];
  const bare: Pass[] = [];
  let requests = 0;
  let run = 0;
  await admin.resetCounters();
  for (let pass = 0; pass < passes; pass += 1) {
    asked.length = 0;
    statements = 0;
    ours.push(await inspected(pass, () => timed(() => tickAll(all))));
    requests += asked.length;
    run += statements;
    bare.push(await bareLook(asked, token));
  }
  const { metered } = await admin.counters();
  const followed = await besideFollower(folder, all, admin, token);
  await store.close();
  const each = (of: readonly Pass[], name: keyof Pass) => Math.round(median(of.map((pass) => pass[name])));
  return {
    profiles,
    "items each": issuesEach + pullsEach,
    "ticks until quiet": settledIn,
    "requests a pass": requests / passes,
    "metered but for the bare ones' first looks": Math.max(0, metered - requests),
    "statements a profile": run / passes / profiles,
    "pass ms": each(ours, "ms"),
    "pass CPU ms": each(ours, "cpuMs"),
    "slowest pass ms": Math.round(Math.max(...ours.map(({ ms }) => ms))),
    "bare ms": each(bare, "ms"),
    "bare CPU ms": each(bare, "cpuMs"),
    "ratio of ms": round2(each(ours, "ms") / each(bare, "ms")),
    "ratio of CPU": round2(each(ours, "cpuMs") / each(bare, "cpuMs")),
    ...followed,
    "load now": round2((loadavg()[0] ?? 0) / availableParallelism()),
  };
}

function installProfile(home: string, id: string): void {
  mkdirSync(dirname(profileFile(home, id)), { recursive: true });
  writeFileSync(profileFile(home, id), `id: ${id}\nrepo: { slug: bot/${id} }\nexecution: { coding_worker: codex }\n`);
}

/** In turn, with a follower and without: what else the machine does meanwhile is then in both. */
async function besideFollower(
  home: string,
  all: readonly SchedulerOnForge[],
  admin: ForgeAdminClient,
  token: string,
): Promise<Record<string, unknown>> {
  return besideDashboard(program, home, async (dashboard) => {
    const alone: Pass[] = [];
    const beside: Pass[] = [];
    let told = 0;
    for (let pass = 0; pass < passes; pass += 1) {
      await changeOneEach(admin, token, 2 * pass);
      alone.push(await timed(() => tickAll(all)));
      await changeOneEach(admin, token, 2 * pass + 1);
      const follower = await dashboard.follow();
      const before = follower.came();
      beside.push(await timed(() => tickAll(all)));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      if (follower.came() > before) told += 1;
      follower.stop();
    }
    const of = (name: keyof Pass) => [
      median(alone.map((pass) => pass[name])),
      median(beside.map((pass) => pass[name])),
    ];
    const [ms = 0, followedMs = 0] = of("ms");
    const [cpuMs = 0, followedCpuMs = 0] = of("cpuMs");
    return {
      "changing pass ms": Math.round(ms),
      "beside a follower ms": Math.round(followedMs),
      "passes it was told of": `${told} of ${passes}`,
      "ratio of ms to unfollowed": round2(followedMs / ms),
      "ratio of CPU to unfollowed": round2(followedCpuMs / cpuMs),
    };
  });
}

/** A person edits the first issue of every repository. */
async function changeOneEach({ url }: ForgeAdminClient, token: string, round: number): Promise<void> {
  await inParallel(profiles, async (index) => {
    const response = await fetch(`${url}/api/v3/repos/bot/r${index}/issues/1`, {
      ...{ method: "PATCH", headers: { authorization: `Bearer ${token}` } },
      body: JSON.stringify({ title: `Work 0, said anew ${round}` }),
    });
    if (!response.ok) throw new Error(`r${index}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  });
}

async function tickAll(all: readonly SchedulerOnForge[]): Promise<void> {
  await Promise.all(all.map(({ project }) => tick(project, { draining: false })));
}

async function settle(all: readonly SchedulerOnForge[], admin: ForgeAdminClient): Promise<number> {
  for (let ticks = 0; ticks < 60; ticks += 1) {
    await admin.resetCounters();
    await tickAll(all);
    await Promise.all(all.map(({ deliver }) => deliver()));
    if ((await admin.counters()).metered === 0) return ticks;
  }
  throw new Error("still not quiet after 60 ticks");
}

/** The very requests of a pass, each repository's one after the other, and each page parsed as if it were needed. */
async function bareLook(urls: readonly string[], token: string): Promise<Pass> {
  const headers = { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" };
  const byRepository = new Map<string, { url: string; etag: string; text: string }[]>();
  for (const url of urls) {
    const first = await fetch(url, { headers });
    const repository = /\/repos\/[^/]+\/[^/?]+/.exec(url)?.[0] ?? "";
    const page = { url, etag: first.headers.get("etag") ?? "", text: await first.text() };
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), page]);
  }
  return timed(() =>
    Promise.all(
      [...byRepository.values()].map(async (pages) => {
        for (const { url, etag, text } of pages) {
          const answer = await fetch(url, { headers: { ...headers, "if-none-match": etag } });
          await answer.arrayBuffer();
          if (answer.status !== 304) throw new Error(`${url} was answered ${answer.status}`);
          JSON.parse(text);
        }
      }),
    ),
  );
}

/** The last pass, when a profile of it was asked for; it is slower by that, and the median is of the others. */
async function inspected<T>(pass: number, work: () => Promise<T>): Promise<T> {
  if (cpuProfile === undefined || pass < passes - 1) return work();
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 200 });
  await session.post("Profiler.start");
  const result = await work();
  writeFileSync(cpuProfile, JSON.stringify((await session.post("Profiler.stop")).profile));
  session.disconnect();
  return result;
}

async function timed(work: () => Promise<unknown>): Promise<Pass> {
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  const left = Array.from({ length: count }, (_, index) => index);
  const take = async () => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) await work(index);
  };
  await Promise.all(Array.from({ length: 4 }, take));
}

function print(line: Record<string, unknown>): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ bench: "ticks", node: process.version, lines: [line] }, null, 2));
    return;
  }
  console.log(`one pass over all profiles, nothing changed, node ${process.version}`);
  for (const [name, value] of Object.entries(line)) console.log(`  ${name}: ${value}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
