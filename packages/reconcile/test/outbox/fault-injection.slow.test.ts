import type { Deliverer, OutboxKind, OutboxRow, OutboxStore } from "@agent-control-plane/core";
import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDeliverers, deliverNext, type SentRequest } from "../../src/index.ts";
import { type EveryWrite, everyWrite, type Ground } from "../fixtures/every-write.ts";
import { definiteFaults, forgeFault, type WriteFault, writeFaults } from "../fixtures/faults-of-a-write.ts";
import { type ForgeUnderTest, type NewRepository, startForgeUnderTest } from "../fixtures/forge-under-test.ts";
import { seededRandom } from "../fixtures/seeded-random.ts";

// 1,000 seeds; `ACP_FAULT_SEED=17` runs that one alone. Each seed writes five kinds of rows in two streams over the
// real local forge, with up to three faults each.
const onlySeed = process.env.ACP_FAULT_SEED === undefined ? null : Number(process.env.ACP_FAULT_SEED);
const seedCount = 1_000;
const seedsAtOnce = 50;
const rowsOfASeed = 5;

let under: ForgeUnderTest;
const met = new Map<string, number>();

beforeAll(async () => {
  under = await startForgeUnderTest();
});
afterAll(() => under.remove());

const batches =
  onlySeed === null
    ? Array.from({ length: seedCount / seedsAtOnce }, (_, batch) => ({
        first: batch * seedsAtOnce,
        last: (batch + 1) * seedsAtOnce - 1,
      }))
    : [{ first: onlySeed, last: onlySeed }];

it.each(batches)(
  "seeds $first to $last: each write is seen once, or is a dead letter that says why",
  async ({ first, last }) => {
    const clock = new ManualClock();
    const temporary = await temporaryStore({ clock });
    const repository = await under.newRepository();
    const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const heads = await repository.git.commitAll(
      seeds.flatMap((seed) => [`pr-${seed}`, `open-${seed}`, `push-${seed}`]),
      seeds.flatMap((seed) => [`pr-${seed}`, `open-${seed}`, `base-${seed}`, `delete-${seed}`]),
    );
    for (const seed of seeds) {
      const problems = await runSeed({ seed, clock, temporary, repository, heads });
      expect(problems, `ACP_FAULT_SEED=${seed} runs this one again`).toEqual([]);
    }
  },
  600_000,
);

it.skipIf(onlySeed !== null)("each kind of write has met each kind of trouble", () => {
  const pairs = everyWrite.flatMap(({ kind }) => writeFaults.map((fault) => `${kind} ${fault}`));
  expect(pairs.filter((pair) => (met.get(pair) ?? 0) < 3)).toEqual([]);
});

interface Run {
  readonly seed: number;
  readonly clock: ManualClock;
  readonly temporary: TemporaryStore;
  readonly repository: NewRepository;
  readonly heads: ReadonlyMap<string, string>;
}

interface Planned {
  readonly write: EveryWrite;
  readonly row: OutboxRow;
  /** One a try, first to last. */
  readonly faults: WriteFault[];
  /** Those it has met. */
  readonly met: WriteFault[];
}

async function runSeed(run: Run): Promise<string[]> {
  const { seed, clock, temporary } = run;
  // Each seed begins with the same hour, no limit and a gate of its own, so that one alone goes as it went among others.
  clock.advance(startOfSeed - clock.now());
  under.forge.faults.clear();
  for (const { scope } of await temporary.store.cooldowns.active())
    await temporary.store.cooldowns.clear(scope, "test");
  const random = seededRandom(seed);
  const writes = Array.from({ length: rowsOfASeed }, (_, index) => writeOf(seed * rowsOfASeed + index));
  const ground = await prepare(run, writes);
  const planned = await plan(run, ground, writes, random);
  const problems: string[] = [];
  await deliverThem(run, ground, planned, random, problems);
  for (const one of planned) problems.push(...(await judge(run, ground, one)));
  return problems;
}

const startOfSeed = 1_900_000_000_000;
const writeOf = (index: number) => everyWrite[index % everyWrite.length] as EveryWrite;

async function prepare({ seed, clock, temporary, repository, heads }: Run, writes: readonly EveryWrite[]) {
  const at = { cache: temporary.store.forgeCache, cooldowns: temporary.store.cooldowns, clock };
  const bot = repository.connect("bot", at);
  const ann = repository.connect("ann", at);
  const needs = new Set(writes.map((write) => write.needs));
  const sha = (branch: "pr" | "open" | "push" | "delete") => heads.get(`${branch}-${seed}`) ?? "";
  const issue = (await ann.operator.createIssue({ title: `Item ${seed}`, labels: ["agent-ready"] })).number;
  const pr = { head: `pr-${seed}`, base: `base-${seed}`, title: "Theirs", body: "Text", draft: false };
  const needsPull = needs.has("pull") || needs.has("line-comment");
  const pull = needsPull ? (await ann.writes.openPullRequest(pr)).number : 0;
  const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/comments";
  const place = { commit_id: sha("pr"), path: `pr-${seed}.txt`, line: 1, side: "RIGHT" as const };
  const lineComment = needs.has("line-comment")
    ? Number((await ann.gate.request(route, { ...repository.name, pull_number: pull, body: "Why?", ...place })).data.id)
    : 0;
  const checks = { repository: repository.fullName, ref: sha("open"), checks: { test: "failure" } as const };
  const workflowRun = needs.has("workflow-run") ? (await under.forge.setChecks(checks)).workflowRunId : 0;
  const ground: Ground = {
    ...{ name: String(seed), repository, bot, ann, issue, pull, pullSha: sha("pr"), lineComment, workflowRun, sha },
  };
  return ground;
}

async function plan({ seed, temporary }: Run, ground: Ground, writes: readonly EveryWrite[], random: () => number) {
  const profileId = `seed-${seed}`;
  const rows = await temporary.store.outbox.enqueue(
    writes.map((write) => ({
      profileId,
      kind: write.kind,
      stream: `${profileId}/${random() < 0.6 ? "a" : "b"}`,
      idempotencyKey: `${profileId}/${write.kind}`,
      body: write.body(ground),
    })),
    "test",
  );
  return rows.map((row, index): Planned => {
    const count = [0, 1, 1, 1, 2, 2, 3][Math.floor(random() * 7)] ?? 0;
    const faults = Array.from({ length: count }, () => writeFaults[Math.floor(random() * writeFaults.length)] ?? "502");
    return { write: writes[index] as EveryWrite, row, faults, met: [] };
  });
}

/** Row after row, by a runtime that dies now and then and is followed by another one, until each has its verdict. */
async function deliverThem(
  { seed, clock, temporary }: Run,
  ground: Ground,
  planned: readonly Planned[],
  random: () => number,
  problems: string[],
): Promise<void> {
  const { outbox } = temporary.store;
  const whole = createDeliverers(ground.bot.writes, ground.repository.git.pushBranch);
  let runtime = 1;
  for (let round = 0; round < 600; round += 1) {
    let died = () => {};
    const death = new Promise<"died">((resolve) => {
      died = () => resolve("died");
    });
    const deliverers = Object.fromEntries(
      Object.entries(whole).map(([kind, deliverer]) => [
        kind,
        troubled(deliverer, { planned, clock, random, died, problems, outbox, sent: ground.bot.sent }),
      ]),
    ) as Record<OutboxKind, Deliverer>;
    const delivery = {
      ...{ outbox: forgetful(outbox, planned), deliverers, owner: `runtime-${runtime}`, profileIds: [`seed-${seed}`] },
      ...{ clock, claimMs: 60_000 },
    };
    const delivered = await Promise.race([deliverNext(delivery).catch(() => "died" as const), death]);
    if (delivered === "died") runtime += 1;
    if (delivered !== "idle") continue;
    const states = await Promise.all(planned.map(async ({ row }) => (await outbox.get(row.id))?.state));
    if (!states.includes("pending")) return;
    clock.advance(round < 40 ? 30_000 : 600_000);
  }
  problems.push("not every row has a verdict after 600 rounds");
}

interface Trouble {
  readonly planned: readonly Planned[];
  readonly clock: ManualClock;
  readonly random: () => number;
  readonly died: () => void;
  readonly problems: string[];
  readonly outbox: OutboxStore;
  /** What our gate has sent so far. */
  readonly sent: readonly SentRequest[];
}

function isWriteOf({ method, path }: EveryWrite, request: SentRequest): boolean {
  return request.method === method && path.test(new URL(request.url).pathname);
}

/** The deliverer with the next fault of each row put in its way. */
function troubled(deliverer: Deliverer, { planned, clock, random, died, problems, outbox, sent }: Trouble): Deliverer {
  const dead = () => {
    died();
    return new Promise<never>(() => {});
  };
  return {
    settle: deliverer.settle,
    async deliver(row, needed) {
      const index = planned.findIndex((one) => one.row.id === row.id);
      const one = planned[index] as Planned;
      for (const { row: before } of planned.slice(0, index).filter(({ row: other }) => other.stream === row.stream)) {
        if ((await outbox.get(before.id))?.state === "pending") problems.push(`${row.kind} overtook ${before.kind}`);
      }
      const fault = one.faults.shift();
      if (fault === undefined) return deliverer.deliver(row, needed);
      one.met.push(fault);
      const before = sent.length;
      if (fault === "killed-before-sending") return dead();
      const jump = Math.floor(random() * 5_400_000) * (fault === "clock-back" ? -1 : 1);
      const jumpsFirst = random() < 0.5;
      const isJump = fault === "clock-forward" || fault === "clock-back";
      if (isJump && jumpsFirst) clock.advance(jump);
      const ofForge = forgeFault(fault);
      if (ofForge !== null) under.forge.faults.next({ method: one.write.method, path: one.write.path }, ofForge);
      try {
        const result = await deliverer.deliver(row, needed);
        return fault === "killed-after-applying" ? await dead() : result;
      } finally {
        under.forge.faults.clear();
        // A limit that another row met keeps this one's request from leaving: its fault waits for the next try.
        const left = row.kind === "push-branch" || sent.slice(before).some((request) => isWriteOf(one.write, request));
        if (ofForge !== null && !left) one.faults.unshift(one.met.pop() as WriteFault);
        if (isJump && !jumpsFirst) clock.advance(jump);
      }
    },
  };
}

/** The store, whose disk fails once when the verdict of a row that met that fault is to be written. */
function forgetful(outbox: OutboxStore, planned: readonly Planned[]): OutboxStore {
  return {
    ...outbox,
    async sent(id, owner, result) {
      const one = planned.find(({ row }) => row.id === id);
      const isFirst = one?.met.at(-1) === "verdict-not-committed" && !failedOnce.has(one);
      if (one && isFirst) {
        failedOnce.add(one);
        throw new Error("disk I/O error");
      }
      return outbox.sent(id, owner, result);
    },
  };
}
const failedOnce = new WeakSet<Planned>();

async function judge({ temporary }: Run, ground: Ground, { write, row, met: faults }: Planned): Promise<string[]> {
  for (const fault of faults) met.set(`${write.kind} ${fault}`, (met.get(`${write.kind} ${fault}`) ?? 0) + 1);
  const now = await temporary.store.outbox.get(row.id);
  const effects = await write.effects(ground);
  const found = `${write.kind} with ${faults.join(", ") || "no fault"}: ${now?.state} (${now?.lastError}), ${effects} effects`;
  // A label that is "not found" is looked for again; git says only that the push did not work.
  const goesOn = write.kind === "remove-labels" ? ["404", "410"] : write.kind === "push-branch" ? definiteFaults : [];
  const last = faults.at(-1);
  const isDefinite = last !== undefined && definiteFaults.includes(last) && !goesOn.includes(last);
  if (!isDefinite) return now?.state === "sent" && effects === 1 ? [] : [`${found}; expected it sent, with 1`];
  const code = last === "422" ? (write.kind === "merge" ? "not-mergeable" : "refused") : "gone";
  const isRight = now?.state === "failed" && now.lastError?.startsWith(`${code}: `) === true && effects === 0;
  return isRight ? [] : [`${found}; expected it failed as ${code}, with 0`];
}
