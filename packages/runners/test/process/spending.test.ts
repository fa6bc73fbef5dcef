// Must hold 4: real wrappers over the real store, with a program that works and spends for ever.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BudgetPolicy, dayOf, judgeBudget, noBudgets, type OpenStore, openStore } from "@agent-control-plane/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isAlive, launchSession, readEnding, reapSession, type SessionSpec } from "../../src/session/index.ts";
import { bundleWrapper } from "../fixtures/bundle-wrapper.ts";
import { waitFor } from "../fixtures/session-bench.ts";

let root: string;
let store: OpenStore;
const specs: SessionSpec[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acp-spending-"));
  await bundleWrapper("store-wrapper-entry.ts", join(root, "wrapper.mjs"));
  store = await openStore({ path: join(root, "store.db") });
});
afterAll(async () => {
  for (const spec of specs) await reapSession({ ...spec, killWrapper: true });
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

const perMessage = 100;
/** claude's stream: a message of 100 tokens every so often, and no end. */
const spendsForEver = `
  echo '{"type":"system","subtype":"init","session_id":"c-1","model":"claude-test-1"}'
  i=0; while true; do i=$((i+1))
    echo '{"type":"assistant","session_id":"c-1","message":{"id":"m'$i'","content":[{"type":"text","text":"on"}],"usage":{"input_tokens":60,"cache_read_input_tokens":39,"output_tokens":1}}}'
    sleep 0.08
  done`;

/** One session of `issue:1` under what the store says is left; null: none may start. */
async function start(profileId: string, budgets: BudgetPolicy, shell = spendsForEver): Promise<SessionSpec | null> {
  const { from, until } = dayOf(store.clock.now(), "UTC");
  const day = { spent: await store.spend.between(profileId, from, until), until };
  const items = await store.spend.items(profileId, ["issue:1"]);
  const verdict = judgeBudget(budgets, items.get("issue:1"), day, "UTC");
  if (verdict.kind === "hold") return null;
  await store.tasks.enqueue({ queue: profileId, subject: "issue:1", lane: "issue-implementation" }, "test");
  const claim = await store.tasks.claim({ queues: [profileId], owner: "test", leaseMs: 20_000 });
  if (!claim) throw new Error("nothing to claim");
  const id = `${profileId}-${specs.length + 1}`;
  const folders = { runDir: join(root, id), cwd: join(root, `${id}-worktree`) };
  mkdirSync(folders.cwd, { recursive: true });
  const row = { id, profileId, attempt: 1, kind: "agent", subject: "issue:1", lane: "issue-implementation" } as const;
  const place = { runDir: folders.runDir, worktreePath: folders.cwd, branch: "b", startSha: "0".repeat(40) };
  expect(await store.sessions.intend(claim.lease, { ...row, backend: "claude", ...place })).not.toBe("lost");
  const spec: SessionSpec = {
    ...{ sessionId: id, taskId: claim.task.id, term: claim.lease.term, kind: "agent", backend: "claude" },
    ...{ storePath: join(root, "store.db"), ...folders, model: "sonnet", budget: verdict.budget },
    prices: [{ model: "claude-test-*", price: { input: 10, cachedInput: 1, output: 50 } }],
    command: { file: "/bin/sh", args: ["-c", shell], stdinFile: null, stopSignal: "SIGTERM" },
    env: { PATH: process.env.PATH ?? "", ACP_SESSION_ID: id },
    limits: { startupMs: 30_000, stallMs: 30_000, wallClockMs: 60_000, graceMs: 300 },
    ...{ leaseMs: 20_000, heartbeatMs: 100, isolation: "auto" },
  };
  specs.push(spec);
  return spec;
}

const launch = (spec: SessionSpec) =>
  launchSession({ spec, entry: { file: process.execPath, args: [join(root, "wrapper.mjs")] } });

/** What the daemon does with a session that is over. */
async function conclude(spec: SessionSpec): Promise<void> {
  const adopted = await store.tasks.adopt(spec, "test", 20_000);
  if (adopted === "lost") throw new Error("the lease was lost");
  const concludes = [{ sessionId: spec.sessionId, outcome: "try-again", evidence: null }];
  const again = { kind: "snooze", runAt: store.clock.now(), reason: "budget-exhausted" } as const;
  await store.tasks.release(adopted, again, { actor: "test", concludes });
}

const spentBy = async (id: string): Promise<number> => (await store.spend.items(id)).get("issue:1")?.total.tokens ?? 0;

test("a session that goes on for ever is stopped at its run's limit, by one message at most", async () => {
  const budgets = { ...noBudgets, run: { usd: null, tokens: 5 * perMessage } };
  const spec = (await start("run", budgets)) as SessionSpec;
  const wrapper = launch(spec);
  await waitFor("the wrapper's end", () => !isAlive(wrapper));
  const ending = readEnding(spec.runDir);
  expect(ending).toMatchObject({
    ...{ exitReason: "failed", failureReason: "budget-exhausted", processes: { survivors: 0 } },
    budget: { scope: "run", unit: "tokens", limit: 500, spent: 500 },
    costKind: "priced",
  });
  expect(await spentBy("run")).toBeGreaterThanOrEqual(500);
  expect(await spentBy("run")).toBeLessThanOrEqual(600);
  const row = await store.sessions.get(spec.sessionId);
  expect(row).toMatchObject({ ending, spend: { usage: ending?.usage, costKind: "priced" } });
  // 60 tokens read, 39 from the cache, 1 written, by the profile's prices.
  expect(row?.spend?.usage.costUsd).toBeCloseTo(((await spentBy("run")) / perMessage) * 0.000689, 9);
  await conclude(spec);
  expect(await start("run", budgets)).toBeNull();
});

test("wrappers that are killed reset nothing: their item parks at its limit plus what a second spends", async () => {
  const budgets = { ...noBudgets, item: { usd: null, tokens: 12 * perMessage } };
  let seen = 0;
  let sessions = 0;
  for (let spec = await start("item", budgets); spec; spec = await start("item", budgets)) {
    sessions += 1;
    const wrapper = launch(spec);
    const { sessionId, term, runDir } = spec;
    let now = 0;
    const before = seen;
    // The first two are killed in the middle of their work, the third may go on until it is stopped.
    while (isAlive(wrapper) && (sessions > 2 || now < before + 3 * perMessage)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      now = await spentBy("item");
      expect(now).toBeGreaterThanOrEqual(seen);
      seen = Math.max(seen, now);
    }
    if (sessions <= 2) process.kill(wrapper.pid, "SIGKILL");
    await waitFor("the wrapper's end", () => !isAlive(wrapper));
    await reapSession({ ...spec, killWrapper: true });
    const [startedAt, endedAt] = [store.clock.now(), store.clock.now()];
    const lost = { exitReason: "lost", failureReason: null, exitCode: null, signal: null, startedAt, endedAt } as const;
    const rest = {
      nativeSessionId: null,
      usage: {},
      retryAt: null,
      summary: "",
      processes: { killed: 0, survivors: 0 },
    };
    await store.sessions.end(sessionId, term, readEnding(runDir) ?? { ...lost, ...rest });
    expect(await spentBy("item")).toBeGreaterThanOrEqual(seen);
    await conclude(spec);
    if (sessions > 6) throw new Error("it never parks");
  }
  expect(sessions).toBe(3);
  expect(await spentBy("item")).toBeGreaterThanOrEqual(1_200);
  expect(await spentBy("item")).toBeLessThanOrEqual(1_300);
  expect(readEnding(specs.at(-1)?.runDir ?? "")).toMatchObject({ budget: { scope: "item" } });
});

test("two sessions of a profile share its day: each learns what the other spends", async () => {
  const budgets = { ...noBudgets, day: { usd: null, tokens: 10 * perMessage } };
  const first = (await start("day", budgets)) as SessionSpec;
  const wrappers = [launch(first)];
  // Another item of the same profile, at the same time.
  await store.tasks.enqueue({ queue: "day", subject: "issue:2", lane: "issue-implementation" }, "test");
  const claim = await store.tasks.claim({ queues: ["day"], owner: "test", leaseMs: 20_000 });
  if (!claim) throw new Error("nothing to claim");
  const id = "day-other";
  const folders = { runDir: join(root, id), cwd: first.cwd };
  const row = {
    id,
    profileId: "day",
    attempt: 1,
    kind: "agent",
    subject: "issue:2",
    lane: "issue-implementation",
  } as const;
  const place = { runDir: folders.runDir, worktreePath: first.cwd, branch: "b", startSha: "0".repeat(40) };
  await store.sessions.intend(claim.lease, { ...row, backend: "claude", ...place });
  const { taskId, term } = claim.lease;
  const other = { ...first, ...folders, sessionId: id, taskId, term, env: { ...first.env, ACP_SESSION_ID: id } };
  specs.push(other);
  wrappers.push(launch(other));
  await waitFor("both wrappers' end", () => wrappers.every((wrapper) => !isAlive(wrapper)), 40_000);
  for (const { runDir } of [first, other]) expect(readEnding(runDir)).toMatchObject({ budget: { scope: "day" } });
  const { from, until } = dayOf(store.clock.now(), "UTC");
  const { tokens } = await store.spend.between("day", from, until);
  expect(tokens).toBeGreaterThanOrEqual(10 * perMessage);
  // One message each, and what both said within the pause between two reports.
  expect(tokens).toBeLessThanOrEqual(15 * perMessage);
});
