import { type NewOutboxRow, type OpenStore, openStore, storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import { runHere } from "../support/in-process.ts";

const stream = "web/issue:1";
const row = (key: string, extra: Partial<NewOutboxRow> = {}): NewOutboxRow => ({
  profileId: "web",
  kind: "comment",
  stream,
  idempotencyKey: key,
  body: { number: 1, body: `Said ${key}.\nIn two lines.` },
  ...extra,
});

async function aHome(...rows: readonly NewOutboxRow[]) {
  const folder = temporaryFolder("acp-outbox-");
  const env = { PATH: process.env.PATH, HOME: folder };
  const home = (await runHere(["runtime", "status", "--json"], { env })).stdout;
  const store = await openStore({ path: storePath((JSON.parse(home) as { home: string }).home) });
  onTestFinished(() => store.close());
  await store.outbox.enqueue(rows, "test");
  const run = (...args: string[]) => runHere(["outbox", ...args], { env });
  const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
  return { store, run, json };
}

const request = { owner: "d", claimMs: 60_000, profileIds: ["web"] };

async function failNext(store: OpenStore, error: string) {
  const claimed = await store.outbox.claim(request);
  await store.outbox.failed(claimed?.id ?? 0, "d", error);
}

it("show tells what a write says, what it needs, what needs it, its history and what to do", async () => {
  const { store, run, json } = await aHome(
    row("a"),
    row("b", { needsKey: "a" }),
    row("c", { needsKey: "b", stream: "web/issue:2" }),
  );
  await failNext(store, "the forge said no");
  await store.outbox.claim(request);
  expect(await json("show", "2")).toMatchObject({
    id: 2,
    state: "failed",
    waits: null,
    needs: { id: 1, kind: "comment", state: "failed" },
    neededBy: [{ id: 3, kind: "comment", state: "failed" }],
    history: [
      { kind: "outbox.queued", actor: "test" },
      { kind: "outbox.failed", actor: "d", body: { error: "needed-write-failed" } },
    ],
  });
  const shown = (await run("show", "2")).stdout;
  expect(shown).toMatch(/^2 {2}comment {2}web\/issue:1 {2}failed\n/);
  expect(shown).toContain("  body:\n    Said b.\n    In two lines.\n");
  expect(shown).toMatch(/needs +1 comment \(failed\)/);
  expect(shown).toMatch(/needed by +3 comment \(failed\)/);
  expect(shown).toContain('"acp outbox retry 1" tries what it needs again, and then this one');
});

it("list says what each write waits for", async () => {
  const { store, json, run } = await aHome(row("a"), row("b"), row("c", { needsKey: "a", stream: "web/issue:2" }));
  expect((await json("list")).outbox.map((one: { waits: object }) => one.waits)).toMatchObject([
    { why: "due", until: null },
    { why: "behind", rowId: 1 },
    { why: "needs", rowId: 1 },
  ]);
  const scope = "forge:x";
  const until = Date.now() + 3_600_000;
  await store.pace.register({ profileId: "web", scope, perMinute: 80, perHour: 500 });
  await store.cooldowns.set({ scope, until, reason: "r" }, "test");
  expect((await json("list")).outbox[0].waits).toEqual({ why: "limit", until, rowId: null });
  expect((await run("list")).stdout).toContain(`limit until ${new Date(until).toISOString()}`);
});

it("retry takes along what failed with the write", async () => {
  const { store, run, json } = await aHome(row("a"), row("b", { needsKey: "a" }));
  await failNext(store, "no");
  await store.outbox.claim(request);
  expect((await run("retry", "1")).stdout).toBe(
    '1 is due now (and then 2, in need of it); "acp outbox flush" sends it at once\n',
  );
  expect(await json("show", "2")).toMatchObject({ state: "pending", waits: { why: "needs", rowId: 1 } });
});

it("retry of all that failed leaves alone what is held back, stale, or fails with another", async () => {
  const streams = ["a", "b", "c", "d"].map((key) => row(key, { stream: `web/${key}` }));
  const { store, json, run } = await aHome(...streams, row("e", { needsKey: "a", stream: "web/e" }));
  for (const error of ["no", "withdrawn: closed", "stale-term: old", "403"]) await failNext(store, error);
  await store.outbox.claim(request);
  expect((await json("retry", "--all-failed")).outbox.map((one: { id: number }) => one.id)).toEqual([1, 4]);
  expect((await store.outbox.list({})).map(({ state }) => state)).toEqual([
    "pending",
    "failed",
    "failed",
    "pending",
    "pending",
  ]);
  for (const args of [["retry"], ["retry", "1", "--all-failed"]]) {
    expect(await run(...args)).toMatchObject({ code: 64, stderr: expect.stringContaining("--all-failed") });
  }
});

it.each([
  ["approval-needed", /what a person has to approve.*sets the approval label there \(agent-human-approved/s],
  ["held", /a person holds it with the hold label.*take the hold label off/s],
  ["not-wanted", /not-wanted.*the act that holds it back is taken back/s],
])("retry of what is held back is refused, and says what lets it go: %s", async (reason, words) => {
  const { store, run } = await aHome(row("a", { heldBack: reason }));
  for (const args of [
    ["retry", "1"],
    ["retry", "1", "--json"],
  ]) {
    expect(await run(...args)).toMatchObject({ code: 1, stderr: expect.stringMatching(words) });
  }
  expect(await store.outbox.get(1)).toMatchObject({ state: "failed", lastError: `withdrawn: ${reason}` });
  const shown = (await run("show", "1")).stdout;
  expect(shown).toMatch(words);
  expect(shown).not.toContain("acp outbox retry");
});

it("drop of what is held back says that the work is given up for good, also beforehand", async () => {
  const { store, run } = await aHome(row("a", { heldBack: "approval-needed" }));
  const forGood = "given up for good: no approval and no act taken back sends it any more\n";
  expect((await run("drop", "1", "--dry-run")).stdout).toBe(
    `would drop 1 comment of web/issue:1\nit is held back, and would be ${forGood}`,
  );
  expect(await run("drop", "1")).toMatchObject({ code: 64, stderr: expect.stringContaining("--reason") });
  expect((await store.outbox.get(1))?.state).toBe("failed");
  expect((await run("drop", "1", "--reason", "r")).stdout).toBe(`1 is dropped\nit was held back, and is ${forGood}`);
});

it("drop says beforehand what would fail with it, and does only what it says", async () => {
  const { store, run, json } = await aHome(row("a"), row("b", { needsKey: "a" }));
  const dry = ["drop", "1", "--reason", "by hand", "--dry-run"];
  expect((await run(...dry)).stdout).toBe(
    "would drop 1 comment of web/issue:1\nthen 2 comment fails, which needs it\n",
  );
  expect(await json(...dry)).toMatchObject({ id: 1, state: "pending", dryRun: true });
  expect((await store.outbox.get(1))?.state).toBe("pending");
  expect(await json("drop", "1", "--reason", "by hand")).toMatchObject({
    state: "dropped",
    history: [{}, { kind: "outbox.dropped", body: { reason: "by hand" } }],
  });
  expect((await run(...dry)).stdout).toBe("1 is dropped; nothing to drop\n");
  expect(await run("drop", "9", "--reason", "r", "--dry-run")).toMatchObject({ code: 1 });
});
