/**
 * The outbox with 10,000 writes in it: how fast they are saved, what a delivery costs beside the request itself, as a
 * ratio to a bare Octokit loop that posts the same comments to the same local forge in the same run, and how memory
 * and the cost of a claim grow with the queue.
 *
 *   node <bundle> [--quick] [--json] [--rows=N]
 *
 * Each round measures all contenders one after the other and forms its own ratios. Wall time has the forge's in it; the
 * forge is a process of its own. `paced`: with the counters of the pace of writes, as on GitHub.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type NewOutboxRow, systemClock } from "../../packages/core/src/index.ts";
import { openStore } from "../../packages/core/src/store/open-store.ts";
import type { ForgeAdminClient } from "../../packages/local-forge/src/index.ts";
import { connectRepository, createDeliverers, deliverNext, openGate } from "../../packages/reconcile/src/index.ts";
import { bareOctokit } from "../../packages/reconcile/test/fixtures/bare-octokit.ts";
import { besideForge } from "./forge-process.ts";

const quick = process.argv.includes("--quick");
const numberOf = (name: string, otherwise: number) =>
  Number(process.argv.find((arg) => arg.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
const rows = numberOf("rows", 10_000);
const issues = 50;
const text = "Some words of it. ".repeat(40);
const perRound = quick ? 50 : 200;
const rounds = quick ? 2 : 5;

await besideForge(fileURLToPath(import.meta.url), async (folder, admin) => {
  const token = await repository(folder, admin);
  print([...(await enqueueing(folder)), await delivering(folder, admin, token), ...(await claiming(folder))]);
});

/** One repository with issues to comment on; answers the token of our account. */
async function repository(folder: string, admin: ForgeAdminClient): Promise<string> {
  const seed = join(folder, "seed");
  const git = (...args: readonly string[]) =>
    promisify(execFile)("git", [...args], { env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1" } });
  await git("init", "--quiet", "--initial-branch=main", seed);
  writeFileSync(join(seed, "README.md"), "first\n");
  await git("-C", seed, "add", ".");
  const who = ["-c", "user.name=Bot", "-c", "user.email=bot@example.test"];
  await git("-C", seed, ...who, "commit", "--quiet", "--message", "first");
  await git("clone", "--quiet", "--bare", seed, join(folder, "seed.git"));
  await admin.createUser({ login: "bot" });
  await admin.createRepository({ owner: "bot", name: "r", importFrom: join(folder, "seed.git") });
  const token = await admin.createToken({ login: "bot" });
  const octokit = bareOctokit({ apiUrl: `${admin.url}/api/v3`, token });
  for (let n = 0; n < issues; n += 1)
    await octokit.rest.issues.create({ owner: "bot", repo: "r", title: `Issue ${n}` });
  return token;
}

function rowOf(index: number): NewOutboxRow {
  const number = (index % issues) + 1;
  const names = { stream: `bench/issue:${number}`, idempotencyKey: `bench/${index}` };
  return { profileId: "bench", kind: "comment", ...names, body: { number, body: text } };
}

/** As the scheduler does it, a few rows a transaction; and in one go. */
async function enqueueing(folder: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const batch of [1, 5, 100]) {
    const store = await openStore({ path: join(folder, `enqueue-${batch}.db`) });
    const count = Math.min(rows, batch * 2_000);
    const seconds = await timed(async () => {
      for (let first = 0; first < count; first += batch) {
        await store.outbox.enqueue(range(first, batch).map(rowOf), "bench");
      }
    });
    await store.close();
    lines.push({ "rows a transaction": batch, "rows saved/s": Math.round(count / seconds) });
  }
  return lines;
}

/** With the whole queue behind each row. */
async function delivering(folder: string, admin: ForgeAdminClient, token: string): Promise<Line> {
  const before = memory();
  const store = await openStore({ path: join(folder, "deliver.db") });
  for (let first = 0; first < rows; first += 500) await store.outbox.enqueue(range(first, 500).map(rowOf), "bench");
  const apiUrl = `${admin.url}/api/v3`;
  const octokit = bareOctokit({ apiUrl, token });
  const deliver = (pace?: { readonly perMinute: number; readonly perHour: number }) => {
    const at = { tokenOrigin: "bench", cooldowns: store.cooldowns, clock: systemClock, actor: "bench" };
    const gate = openGate({ apiUrl, token, ...at, ...(pace ? { pace: { ...pace, store: store.pace } } : {}) });
    const connected = connectRepository(
      gate,
      { owner: "bot", repo: "r" },
      { cache: store.forgeCache, clock: systemClock },
    );
    const noGit = () => Promise.reject(new Error("the bench pushes nothing"));
    const git = { push: noGit, head: noGit } as unknown as Parameters<typeof createDeliverers>[1];
    const delivery = {
      outbox: store.outbox,
      deliverers: createDeliverers(connected.writes, git),
      owner: "bench",
      profileIds: ["bench"],
      clock: systemClock,
      claimMs: 120_000,
      writesPaused: gate.writesPaused,
    };
    return async () => {
      for (let time = 0; time < perRound; time += 1) {
        const delivered = await deliverNext(delivery);
        if (delivered !== "sent") throw new Error(`a row was ${delivered}`);
      }
    };
  };
  const bareLoop = async () => {
    for (let time = 0; time < perRound; time += 1) {
      await octokit.rest.issues.createComment({
        owner: "bot",
        repo: "r",
        issue_number: (time % issues) + 1,
        body: text,
      });
    }
  };
  const [free, paced] = [deliver(), deliver({ perMinute: 1_000_000, perHour: 1_000_000 })];
  // Warm: connections, compiled code, prepared statements.
  for (const run of [bareLoop, free, paced]) await run();
  const loaded = memory();
  const measured: { bare: number; free: number; paced: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bare = (await timed(bareLoop)) / perRound;
    measured.push({ bare, free: (await timed(free)) / perRound, paced: (await timed(paced)) / perRound });
  }
  const after = memory();
  await store.close();
  return {
    queued: rows,
    delivered: 2 * perRound * (rounds + 1),
    "bare ms": spread(measured.map(({ bare }) => bare * 1000)),
    "delivery ms": spread(measured.map((one) => one.free * 1000)),
    "ratio to bare": spread(measured.map((one) => one.free / one.bare)),
    "ratio, paced": spread(measured.map((one) => one.paced / one.bare)),
    "overhead ms": spread(measured.map((one) => (one.free - one.bare) * 1000)),
    "RSS MB before, with the queue, after": [before, loaded, after].join(", "),
  };
}

/** What the next row costs behind rows that are put off, in one stream and in many. */
async function claiming(folder: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const size of [100, rows]) {
    for (const streams of [1, size]) {
      const store = await openStore({ path: join(folder, `claim-${size}-${streams}.db`) });
      const of = (index: number) => ({ ...rowOf(index), stream: `bench/s${index % streams}` });
      for (let first = 0; first < size; first += 100) await store.outbox.enqueue(range(first, 100).map(of), "bench");
      const request = { owner: "bench", claimMs: 60_000, profileIds: ["bench"] };
      for (;;) {
        const row = await store.outbox.claim(request);
        if (!row) break;
        await store.outbox.retryLater(row.id, "bench", "later", systemClock.now() + 3_600_000, false);
      }
      const looks = 500;
      const seconds = await timed(async () => {
        for (let time = 0; time < looks; time += 1) await store.outbox.claim(request);
      });
      await store.close();
      lines.push({ waiting: size, streams, "look at nothing due, µs": Math.round((seconds / looks) * 1e6) });
    }
  }
  return lines;
}

type Line = Readonly<Record<string, string | number>>;

function print(lines: readonly Line[]): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ bench: "outbox", node: process.version, lines }, null, 2));
    return;
  }
  console.log(`outbox, full synchronous, ${tmpdir()}, node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`);
  for (const line of lines)
    console.log(
      Object.entries(line)
        .map(([name, value]) => `${name} ${value}`)
        .join(" | "),
    );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function memory(): number {
  return Math.round(process.memoryUsage.rss() / 1024 / 1024);
}

/** Median [smallest-largest]. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `${median.toFixed(2)} [${(sorted[0] ?? 0).toFixed(2)}-${(sorted.at(-1) ?? 0).toFixed(2)}]`;
}
