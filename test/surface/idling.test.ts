// Acceptance: an idle tick costs nothing. Counted by the forge, by the store and by what the daemon starts.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenStore, storePath } from "@agent-control-plane/core";
import type { ForgeCounters } from "@agent-control-plane/local-forge";
import { afterEach, expect, it } from "vitest";
import { installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product | undefined;
let folder = "";
afterEach(async () => {
  await product?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const pulls = "GET /repos/{owner}/{repo}/pulls";
const base = "GET /repos/{owner}/{repo}/git/ref/{ref}";
const issues = "GET /repos/{owner}/{repo}/issues";

it("asks three times a tick, all unmetered, starts no process and leaves the store alone while nothing happens", async () => {
  const { calls, env } = loggingGit();
  product = makeProduct(env);
  await installProfile(product, { shellCommand: "true" });
  await product.json("issue", "create", "--title", "Nobody opted this in");
  await product.json("runtime", "start");
  const store = await product.store();
  const seq = await quietMoment(product, store);
  const git = calls();
  expect(git.length).toBeGreaterThan(0); // init looked at the checkout: the log works

  const idle = await countTicks(product, 10);

  expect(idle).toMatchObject({ metered: 0, writes: 0, notModified: idle.requests, children: [] });
  expect(idle.byRoute).toEqual({ [issues]: idle.ticks, [pulls]: idle.ticks, [base]: idle.ticks });
  expect(calls()).toEqual(git);
  expect(await lastSeq(store)).toBe(seq);
  // Its heartbeat is the only thing an idle daemon writes, each 10 s.
  expect(idle.storeWrites).toBeLessThanOrEqual(1 + idle.lastedMs / 10_000);

  const busy = await countTicks(product, 4, async ({ json }) => {
    await json("issue", "label", "1", "--add", "agent-ready");
  });
  expect(busy.metered).toBeGreaterThan(0);
  expect(busy.storeWrites).toBeGreaterThan(2);
  expect(await lastSeq(store)).toBeGreaterThan(seq);
  await until("a session has called git", async () => calls().length > git.length);
}, 120_000);

it("looks at 500 open issues with nothing to do in at most seven requests a tick, none of them metered", async () => {
  product = makeProduct();
  await installProfile(product, { shellCommand: "true" });
  await product.json("issue", "create", "--title", "first", "--label", "agent-ready", "--label", "agent-hold");
  await fileIssues(product, 499);
  await product.json("runtime", "start");
  const store = await product.store();
  await until("every issue has its reason", async () => (await store.decisions.list("web")).length === 500);
  const seq = await quietMoment(product, store);

  const idle = await countTicks(product, 6);

  expect(idle).toMatchObject({ metered: 0, writes: 0, notModified: idle.requests, children: [] });
  expect(idle.byRoute).toEqual({ [issues]: 5 * idle.ticks, [pulls]: idle.ticks, [base]: idle.ticks });
  expect(idle.storeWrites).toBeLessThanOrEqual(1 + idle.lastedMs / 10_000);
  expect(await lastSeq(store)).toBe(seq);

  const busy = await countTicks(product, 4, async ({ json }) => {
    await json("issue", "comment", "500", "--body", "any news?");
  });
  // What the comment itself cost the person, and the one page that changed.
  expect(busy.writes).toBe(1);
  expect(busy.metered).toBeGreaterThan(busy.writes);
  expect((await store.decisions.list("web")).every((decision) => decision.reason === "held")).toBe(true);
}, 120_000);

interface Counted extends ForgeCounters {
  readonly ticks: number;
  readonly lastedMs: number;
  /** Processes that had the daemon as parent whenever we looked. */
  readonly children: readonly number[];
  /** How often the store's files were found changed. */
  readonly storeWrites: number;
}

/** What is asked, started and written during whole ticks, from one pause between ticks to another; `act` comes first. */
async function countTicks(
  from: Product,
  wanted: number,
  act?: (product: Product) => Promise<unknown>,
): Promise<Counted> {
  const { pid } = (await from.json<{ profiles: { pid: number }[] }>("runtime", "status")).profiles[0] ?? { pid: 0 };
  const forge = from.forge();
  await betweenTicks(from);
  const startedAt = performance.now();
  await forge.resetCounters();
  let stamp = storeStamp(from);
  let storeWrites = 0;
  const children = new Set<number>();
  const look = () => {
    for (const child of childrenOf(pid)) children.add(child);
    const now = storeStamp(from);
    if (now !== stamp) storeWrites += 1;
    stamp = now;
  };
  const watch = setInterval(look, 20);
  try {
    await act?.(from);
    await until(`${wanted} ticks`, async () => ((await forge.counters()).byRoute[pulls] ?? 0) >= wanted);
    await betweenTicks(from);
  } finally {
    clearInterval(watch);
  }
  const counters = await forge.counters();
  const lastedMs = performance.now() - startedAt;
  return { ...counters, lastedMs, storeWrites, ticks: counters.byRoute[pulls] ?? 0, children: [...children] };
}

/** Just after a tick was answered, when the next one is most of an interval away. */
async function betweenTicks(from: Product): Promise<void> {
  const forge = from.forge();
  const { requests } = await forge.counters();
  let seen = requests;
  let still = 0;
  await until("a pause between two ticks", async () => {
    const now = (await forge.counters()).requests;
    still = now === seen && now > requests ? still + 1 : 0;
    seen = now;
    return still >= 1;
  });
}

/** Waits until the daemon has nothing left to read or to say, and answers where the event log stands then. */
async function quietMoment(from: Product, store: OpenStore): Promise<number> {
  let before = { seq: -1, metered: -1 };
  await until("the event log is still, and nothing is new at the forge", async () => {
    const now = { seq: await lastSeq(store), metered: (await from.forge().counters()).metered };
    const still = now.seq === before.seq && now.metered === before.metered;
    before = now;
    await betweenTicks(from);
    return still;
  });
  return before.seq;
}

const lastSeq = async (store: OpenStore): Promise<number> => (await store.events.latest(1, {})).at(-1)?.seq ?? 0;

/** Each commit that changes anything writes to the write-ahead log; empty transactions and reads do not. */
function storeStamp(from: Product): string {
  return [storePath(from.home), `${storePath(from.home)}-wal`]
    .map((file) => statSync(file, { bigint: true }))
    .map(({ mtimeNs, size }) => `${mtimeNs} ${size}`)
    .join(" ");
}

/** A git on the PATH that writes down each call before it becomes the real one. */
function loggingGit() {
  folder = mkdtempSync(join(tmpdir(), "acp-logging-git-"));
  const log = join(folder, "calls.log");
  const script = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nPATH=\${PATH#*:}\nexec git "$@"\n`;
  writeFileSync(join(folder, "git"), script, { mode: 0o755 });
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
  };
}

/** Linux only; elsewhere the logging git is what tells. */
function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number) : [];
}

/** Held by a label, so that nobody need be asked who set the other one. */
async function fileIssues(from: Product, count: number): Promise<void> {
  const token = readFileSync(join(from.home, "local-forge", "operator-token"), "utf8").trim();
  const url = `${from.forge().url}/api/v3/repos/ann/web/issues`;
  for (let filed = 0; filed < count; filed += 1) {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ title: `issue ${filed}`, body: "text", labels: ["agent-ready", "agent-hold"] }),
    });
    if (response.status !== 201) throw new Error(`issue ${filed}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
}
