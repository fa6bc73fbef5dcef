import {
  type Deliverer,
  type ForgeError,
  type NewOutboxRow,
  type OutboxKind,
  outboxKinds,
  type PaceStore,
} from "@agent-control-plane/core";
import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { afterEach, expect, it } from "vitest";
import { type Delivery, deliverAll, deliverNext, type Gate, type GateOptions, openGate } from "../../src/index.ts";
import { json, type Script, type ScriptedForge, startScriptedForge } from "../fixtures/scripted-forge.ts";

let forge: ScriptedForge;
afterEach(() => forge.close());

const yes: Script = (_request, response) => json(response, 201, {});

/** Gates of two processes on one store, with one credential. */
async function twoGates(pace: { perMinute: number; perHour: number }, extra: Partial<GateOptions> = {}) {
  forge = await startScriptedForge(yes);
  const clock = new ManualClock();
  const temporary = await temporaryStore({ clock });
  const open = async (): Promise<Gate> => {
    const store = await temporary.open();
    return openGate({
      apiUrl: forge.url,
      token: "t0ken-value",
      tokenOrigin: "GITHUB_TOKEN",
      cooldowns: store.cooldowns,
      pace: { ...pace, store: store.pace },
      clock,
      actor: "test",
      ...extra,
    });
  };
  return { one: await open(), other: await open(), clock, ...temporary };
}

const write = (gate: Gate, body = "hello") =>
  gate.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
    owner: "o",
    repo: "r",
    issue_number: 1,
    body,
  });
const failure = (call: Promise<unknown>): Promise<ForgeError> =>
  call.then(
    () => Promise.reject(new Error("it succeeded")),
    (error) => error,
  );

it("no window of a minute or an hour holds more writes than it may, whichever process sends them", async () => {
  const { one, other, clock } = await twoGates({ perMinute: 8, perHour: 30 });
  const sentAt: number[] = [];
  for (let round = 0; sentAt.length < 100; round += 1) {
    try {
      await write(round % 2 === 0 ? one : other);
      sentAt.push(clock.now());
      clock.advance((round % 5) * 700);
    } catch (error) {
      const { details, failure } = error as ForgeError;
      expect(failure).toBe("rate-limited");
      clock.advance((details.resumeAt ?? 0) - clock.now());
    }
  }
  expect(forge.seen).toHaveLength(100);
  expect(fullest(sentAt, 60_000)).toBe(8);
  expect(fullest(sentAt, 3_600_000)).toBe(30);
});

it("a full window says so before anything is sent, and until when", async () => {
  const { one, other, clock } = await twoGates({ perMinute: 2, perHour: 0 });
  await write(one);
  clock.advance(1_000);
  await write(other);
  const refused = await failure(write(one));
  expect(refused).toMatchObject({
    failure: "rate-limited",
    details: { resumeAt: clock.now() + 59_000, paced: "pace: at most 2 writes a minute with this token" },
  });
  expect(refused.message).toContain("forge.writes_per_minute");
  expect(await other.writesPaused()).toMatchObject({
    until: clock.now() + 59_000,
    why: expect.stringMatching(/^pace/),
  });
  expect(forge.seen).toHaveLength(2);
  clock.advance(59_000);
  expect(await one.writesPaused()).toBeNull();
  await write(one);
});

it("reads and queries are neither counted nor held up", async () => {
  const { one } = await twoGates({ perMinute: 1, perHour: 1 });
  await write(one);
  for (let time = 0; time < 3; time += 1) await one.request("GET /user");
  await one.request("POST /graphql", { query: "{ viewer { login } }" });
  expect(await failure(write(one))).toMatchObject({ failure: "rate-limited" });
});

it("another credential has a pace of its own, and no limit counts nothing", async () => {
  const { one, open, clock } = await twoGates({ perMinute: 1, perHour: 0 });
  await write(one);
  const store = await open();
  const at = { apiUrl: forge.url, tokenOrigin: "GITHUB_TOKEN", cooldowns: store.cooldowns, clock, actor: "test" };
  await write(openGate({ ...at, token: "another", pace: { perMinute: 1, perHour: 0, store: store.pace } }));
  const free = openGate({ ...at, token: "third", pace: { perMinute: 0, perHour: 0, store: store.pace } });
  for (let time = 0; time < 3; time += 1) await write(free);
  expect(await counted(store.pace, one)).toBe(1);
  expect(await counted(store.pace, free)).toBe(0);
});

it("one writes at a time over all processes, and the next goes when it is answered", async () => {
  const { one, other, clock } = await twoGates({ perMinute: 80, perHour: 500 }, { writeGapMs: 1_000 });
  let answer = () => {};
  forge.script = (_request, response) => {
    answer = () => json(response, 201, {});
  };
  const first = write(one, "first");
  await until(() => forge.seen.length === 1);
  forge.script = yes;
  const second = write(other, "second");
  await until(() => clock.sleeping === 1);
  clock.advance(50);
  await until(() => clock.sleeping === 1);
  expect(forge.seen).toHaveLength(1);
  answer();
  await first;
  // Asks again, finds the gap to be kept, and keeps it.
  clock.advance(50);
  await until(() => clock.sleeping === 1);
  clock.advance(949);
  expect(forge.seen).toHaveLength(1);
  clock.advance(1);
  await second;
  expect(forge.seen.map(({ body }) => JSON.parse(body).body)).toEqual(["first", "second"]);
});

it("the turn of a process that died in the middle ends, and its write is counted as late as it can have arrived", async () => {
  const { other, clock, open } = await twoGates({ perMinute: 80, perHour: 500 });
  const dead = await open();
  const scope = `forge:${other.credentialKey}`;
  const turn = { scope, holder: "dead", holdMs: 20_000, gapMs: 0, perMinute: 80, perHour: 500 };
  expect(await dead.pace.begin(turn)).toEqual({ kind: "yours" });
  expect(await dead.pace.begin({ ...turn, holder: "next" })).toMatchObject({ kind: "wait", why: "turn" });
  const sent = write(other);
  for (let ms = 0; ms < 20_000; ms += 50) {
    await until(() => clock.sleeping === 1);
    expect(forge.seen).toHaveLength(0);
    clock.advance(50);
  }
  await sent;
  await dead.pace.end(scope, "dead");
  const oldestOfTwo = await dead.pace.fullUntil(scope, { perMinute: 0, perHour: 2 });
  expect(oldestOfTwo?.until).toBe(clock.now() + 3_600_000);
});

it("a clock that is set back holds writes up for no longer than a window", async () => {
  const { one, clock } = await twoGates({ perMinute: 1, perHour: 0 });
  clock.advance(10 * 86_400_000);
  await write(one);
  clock.advance(-10 * 86_400_000);
  const { details } = await failure(write(one));
  expect((details.resumeAt ?? 0) - clock.now()).toBe(60_000);
  clock.advance(60_000);
  await write(one);
});

it("writes are forgotten after an hour", async () => {
  const { one, store, clock } = await twoGates({ perMinute: 80, perHour: 500 });
  for (let time = 0; time < 5; time += 1) await write(one);
  clock.advance(3_600_000);
  await write(one);
  expect(await counted(store.pace, one)).toBe(1);
});

it("a queue waits for the pace: nothing is claimed, tried or logged meanwhile, and its order stays", async () => {
  const { one, clock, store } = await twoGates({ perMinute: 2, perHour: 0 });
  const deliverer: Deliverer = {
    deliver: async ({ idempotencyKey }) => {
      await write(one, idempotencyKey);
      return null;
    },
    settle: () => Promise.reject(new Error("nothing is to be settled here")),
  };
  const deliverers = Object.fromEntries(outboxKinds.map((kind) => [kind, deliverer])) as Record<OutboxKind, Deliverer>;
  const row = (key: string): NewOutboxRow => ({
    profileId: "demo",
    kind: "comment" satisfies OutboxKind,
    stream: `demo/${key}`,
    idempotencyKey: key,
    body: { number: 1, body: key },
  });
  const delivery: Delivery = {
    outbox: store.outbox,
    deliverers,
    owner: "d",
    profileIds: ["demo"],
    clock,
    claimMs: 60_000,
    writesPaused: one.writesPaused,
  };
  await store.pace.register({ profileId: "demo", scope: `forge:${one.credentialKey}`, perMinute: 2, perHour: 0 });
  await store.outbox.enqueue(["a", "b", "c", "d", "e"].map(row), "test");
  expect(await deliverAll(delivery)).toEqual({ sent: 2, retry: 0, failed: 0 });
  const logged = (await store.events.list({})).length;
  expect(await deliverAll(delivery)).toEqual({ sent: 0, retry: 0, failed: 0 });
  expect(await store.outbox.get(3)).toMatchObject({ state: "pending", tries: 0, lastError: null });
  expect(await store.pace.waits()).toEqual([{ profileId: "demo", until: clock.now() + 60_000, why: "minute" }]);

  // The window filled up between looking and sending: the row goes back as it was, and says what it waits for.
  expect(await deliverNext({ ...delivery, writesPaused: async () => null })).toBe("waits");
  expect(await store.outbox.get(3)).toMatchObject({
    state: "pending",
    tries: 0,
    sendStartedAt: null,
    lastError: "pace: at most 2 writes a minute with this token",
    nextAt: clock.now() + 60_000,
  });
  expect((await store.events.list({})).length).toBe(logged);
  for (let minute = 0; minute < 2; minute += 1) {
    clock.advance(60_000);
    await deliverAll(delivery);
  }
  expect(forge.seen.map(({ body }) => JSON.parse(body).body)).toEqual(["a", "b", "c", "d", "e"]);
});

it("a pause that the forge asked for stops the queue after one try", async () => {
  const { one, clock, store } = await twoGates({ perMinute: 80, perHour: 500 });
  forge.script = (_request, response) =>
    json(response, 403, { message: "secondary rate limit" }, { "retry-after": "90" });
  expect(await failure(write(one))).toMatchObject({ failure: "rate-limited" });
  expect(await one.writesPaused()).toMatchObject({ until: clock.now() + 90_000, why: expect.stringMatching(/^limit/) });
  await store.pace.register({ profileId: "demo", scope: `forge:${one.credentialKey}`, perMinute: 80, perHour: 500 });
  expect(await store.pace.waits()).toEqual([{ profileId: "demo", until: clock.now() + 90_000, why: "cooldown" }]);
  clock.advance(90_000);
  expect(await one.writesPaused()).toBeNull();
});

/** The most of these instants that lie in one window, which is open at its beginning. */
function fullest(instants: readonly number[], windowMs: number): number {
  return Math.max(...instants.map((end) => instants.filter((at) => at <= end && at > end - windowMs).length));
}

/** How many writes the store knows of the last hour: that many fill a window, and one more does not. */
async function counted(pace: PaceStore, { credentialKey }: Gate): Promise<number> {
  for (let perHour = 1; ; perHour += 1) {
    if ((await pace.fullUntil(`forge:${credentialKey}`, { perMinute: 0, perHour })) === null) return perHour - 1;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((again) => setTimeout(again, 2));
}
