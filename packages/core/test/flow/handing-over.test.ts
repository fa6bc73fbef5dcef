// Several runtimes on one store, by a clock that is turned by hand: who goes, who hangs, and what the clock does to them.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, storeProblems, temporaryFolder, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import {
  type CallBack,
  FlowEngine,
  type FlowPlan,
  type FlowTaskSpec,
  type OpenStore,
  type Store,
} from "../../src/index.ts";
import { aGraph, aPlan, aTask, submit } from "../store/flows/flow-examples.ts";
import { ImitatedHost } from "./imitated-workers.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const hour = 3_600_000;

async function aWorld(tasks: readonly FlowTaskSpec[], changes: Partial<FlowPlan> = {}) {
  const clock = new ManualClock();
  const { store, open } = await temporaryStore({ clock });
  const host = new ImitatedHost();
  const gone = new Set<string>();
  const folder = join(temporaryFolder(), "f1");
  mkdirSync(folder);
  await store.flows.submit(aPlan(tasks, changes), { id: "f1", folder, submittedBy: "cli" });
  let sessions = 0;
  const world = {
    ...{ clock, store, host, gone, folder },
    async runtime(runtimeId: string, more: { readonly callBack?: CallBack; readonly flows?: Store["flows"] } = {}) {
      const own = await open({ clock });
      const runtime = new FlowEngine({
        ...{ clock, log: quiet, runtimeId, workerNames: ["shell"], workers: host.workers() },
        store: more.flows ? ({ ...own, flows: more.flows } as OpenStore) : own,
        newSessionId: () => `${runtimeId}-s${++sessions}`,
        callBack: more.callBack ?? (async () => ({ isOver: true, answer: "told" })),
        isGone: async (id) => gone.has(id),
      });
      return runtime;
    },
    /** Passes of these runtimes, `ms` after the last ones. */
    async pass(ms: number, ...runtimes: readonly FlowEngine[]): Promise<void> {
      clock.advance(ms);
      for (const runtime of runtimes) await runtime.pass();
      // What ended meanwhile is concluded beside the passes.
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    async untilOver(...runtimes: readonly FlowEngine[]): Promise<void> {
      for (let turn = 0; turn < 200; turn += 1) {
        for (const { id } of await store.flows.tasks("f1")) host.finish(id, clock.now());
        await world.pass(2_000, ...runtimes);
        if ((await store.flows.get("f1"))?.finishedAt !== null) return world.pass(2_000, ...runtimes);
      }
      throw new Error("The flow does not end");
    },
    told: () => {
      const path = join(folder, "outbox.jsonl");
      const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
      return lines.map((line) => JSON.parse(line) as { readonly seq: number; readonly type: string });
    },
    /** All was done once, and told once. */
    async expectOnce(): Promise<void> {
      expect([...host.started].sort()).toEqual(tasks.map(({ id }) => `${id}#1`).sort());
      expect(host.stopped).toEqual([]);
      expect((await store.flows.get("f1"))?.state).toBe("succeeded");
      expect(world.told().map(({ seq }) => seq)).toEqual(world.told().map((_, index) => index + 1));
      expect(world.told().filter(({ type }) => type === "ALL_DONE")).toHaveLength(1);
      expect(await storeProblems(store)).toEqual([]);
    },
  };
  return world;
}

it("a runtime that hangs loses what it held, and when it wakes it ends nothing of it and tells nothing twice", async () => {
  const world = await aWorld(aGraph("a b>a"));
  const [first, second] = [await world.runtime("r1"), await world.runtime("r2")];
  await world.pass(0, first);
  expect(world.host.started).toEqual(["a#1"]);
  await world.pass(25_000, second);
  await world.pass(0, first);
  await world.pass(5_000, first, second);
  await world.untilOver(first, second);
  await world.expectOnce();
});

it("a runtime that leaves hands over at once: its sessions go on, and its mailbox is kept", async () => {
  const world = await aWorld(aGraph("a b>a"));
  const [first, second] = [await world.runtime("r1"), await world.runtime("r2")];
  await world.pass(0, first);
  await first.stop("keep");
  await world.pass(0, second);
  world.host.finish("a", world.clock.now());
  await world.pass(0, second);
  await world.pass(250, second);
  expect(world.host.started).toEqual(["a#1", "b#1"]);
  expect(world.told().map(({ type }) => type)).toContain("TASK_DONE");
  await world.untilOver(second);
  await world.expectOnce();
});

it("a runtime that ends stops what runs, and the next one begins it again and keeps the mailbox at once", async () => {
  const world = await aWorld(aGraph("a"));
  const [first, second] = [await world.runtime("r1"), await world.runtime("r2")];
  await world.pass(0, first);
  await first.stop("end");
  await world.pass(0, second);
  expect(world.host.started).toEqual(["a#1", "a#2"]);
  expect(world.told().map(({ type }) => type)).toEqual(["TASK_STARTED", "PROGRESS", "TASK_STARTED"]);
  expect(await world.store.flows.task("f1", "a")).toMatchObject({ lost: 0, attempts: 2 });
});

it("what a runtime held that is known to be gone is taken over without waiting for its leases", async () => {
  const world = await aWorld(aGraph("a b>a"));
  const [first, second] = [await world.runtime("r1"), await world.runtime("r2")];
  await world.pass(0, first);
  await world.pass(0, second);
  expect((await world.store.tasks.list({ queue: "flow-keepers" }))[0]?.term).toBe(1);
  world.gone.add("r1");
  await world.pass(2_000, second);
  world.host.finish("a", world.clock.now());
  await world.pass(250, second);
  await world.pass(250, second);
  expect(world.host.started).toEqual(["a#1", "b#1"]);
  await world.untilOver(second);
  await world.expectOnce();
});

it("after the clock was put back by hours, what a dead runtime held is taken over after the time of a lease", async () => {
  const world = await aWorld(aGraph("a b>a"));
  const [first, second] = [await world.runtime("r1"), await world.runtime("r2")];
  await world.pass(0, first);
  world.clock.advance(-5 * hour);
  world.host.finish("a", world.clock.now());
  for (let turn = 0; turn < 11; turn += 1) await world.pass(2_000, second);
  expect((await world.store.flows.task("f1", "a"))?.state).toBe("succeeded");
  await world.untilOver(second);
  // The dead one saw it end, too, and could not say so.
  await world.expectOnce();
});

it("jumps of the clock in both directions make two runtimes neither do nor tell anything twice", async () => {
  const retry = { count: 1, backoffMs: 5_000, factor: 2, maxMs: 60_000 };
  const tasks = aGraph("a b c d>a e>b f>c,d").map((task) => ({ ...task, retry }));
  const world = await aWorld(tasks, { parallelism: 2 });
  const runtimes = [await world.runtime("r1"), await world.runtime("r2")];
  for (const [turn, jump] of [3, -6, 4, -1, 2, -3, 5, -2].entries()) {
    await world.pass(jump * hour, ...(turn % 2 ? runtimes : [...runtimes].reverse()));
    for (const id of "abcdef") if (turn % 3 !== 0) world.host.finish(id, world.clock.now());
    await world.pass(2_000, ...runtimes);
  }
  await world.untilOver(...runtimes);
  await world.expectOnce();
});

it("a pause before a retry is no longer than the plan says, also when the clock was put back", async () => {
  const retry = { count: 1, backoffMs: 5_000, factor: 2, maxMs: 60_000 };
  const world = await aWorld([aTask("a", { retry })]);
  const runtime = await world.runtime("r1");
  world.host.outcome = ({ session }) =>
    session.attempt === 1
      ? { kind: "failed", reason: "exit-code", summary: "", isFinal: false, result: null }
      : { kind: "done", result: null };
  await world.pass(0, runtime);
  world.host.finish("a", world.clock.now());
  await world.pass(250, runtime);
  world.clock.advance(-5 * hour);
  for (let turn = 0; turn < 32; turn += 1) await world.pass(2_000, runtime);
  expect(world.host.started).toEqual(["a#1", "a#2"]);
});

it("an attempt whose end could not be saved is not run again: its end is found by whoever comes next", async () => {
  const world = await aWorld(aGraph("a"));
  let failures = 0;
  const flows: Store["flows"] = Object.create(world.store.flows, {
    conclude: {
      value: async (...args: Parameters<Store["flows"]["conclude"]>) => {
        failures += 1;
        if (failures < 3) throw new Error("database or disk is full");
        return world.store.flows.conclude(...args);
      },
    },
  });
  const runtime = await world.runtime("r1", { flows });
  await world.pass(0, runtime);
  world.host.finish("a", world.clock.now());
  for (let turn = 0; turn < 30; turn += 1) await world.pass(2_000, runtime);
  expect(failures).toBe(3);
  await world.untilOver(runtime);
  await world.expectOnce();
});

const onDone = { kind: "webhook", url: "http://127.0.0.1:9/" } as const;

it("a callback is tried with growing pauses until it is told, over restarts, each time under the same name", async () => {
  const world = await aWorld(aGraph("a"), { onDone });
  const tries: string[] = [];
  const callBack: CallBack = async (_flow, { delivery, tries: number }) => {
    tries.push(delivery);
    return { isOver: number === 4, answer: number === 4 ? "HTTP 204" : "HTTP 503" };
  };
  const first = await world.runtime("r1", { callBack });
  await world.untilOver(first);
  await world.pass(250, first);
  expect(tries).toHaveLength(1);
  const flow = await world.store.flows.get("f1");
  expect(flow?.callback).toMatchObject({ state: "waiting", tries: 1, answer: "HTTP 503", delivery: tries[0] });
  await world.pass(3_000, first);
  expect(tries).toHaveLength(1);
  await first.stop("keep");
  const second = await world.runtime("r2", { callBack });
  await world.pass(3_000, second);
  expect(tries).toHaveLength(2);
  for (let turn = 0; turn < 8; turn += 1) await world.pass(5_000, second);
  expect(new Set(tries).size).toBe(1);
  expect(tries).toHaveLength(4);
  expect((await world.store.flows.get("f1"))?.callback).toMatchObject({ state: "told", tries: 4, answer: "HTTP 204" });
  expect(second.isIdle).toBe(true);
  expect(await storeProblems(world.store)).toEqual([]);
});

it("a callback that nobody takes is given up after about a day, also over jumps of the clock", async () => {
  const world = await aWorld(aGraph("a"), { onDone });
  let tries = 0;
  const callBack: CallBack = async () => {
    tries += 1;
    return { isOver: false, answer: "ECONNREFUSED" };
  };
  const runtime = await world.runtime("r1", { callBack });
  await world.untilOver(runtime);
  world.clock.advance(-9 * hour);
  for (let turn = 0; turn < 200; turn += 1) await world.pass(hour / 4, runtime);
  expect(tries).toBe(32);
  expect((await world.store.flows.get("f1"))?.callback).toMatchObject({ state: "given-up", answer: "ECONNREFUSED" });
  expect(runtime.isIdle).toBe(true);
});

it("a callback that takes its time holds up no other flow, and is not told twice beside itself", async () => {
  const world = await aWorld(aGraph("a"), { onDone });
  let calls = 0;
  let answer: (told: { readonly isOver: boolean; readonly answer: string }) => void = () => {};
  const callBack: CallBack = () => {
    calls += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const runtime = await world.runtime("r1", { callBack });
  await world.untilOver(runtime);
  await submit(world.store, aPlan(aGraph("x")), "f2");
  await world.pass(60_000, runtime);
  await world.pass(60_000, runtime);
  expect(calls).toBe(1);
  expect(world.host.started).toEqual(["a#1", "x#1"]);
  answer({ isOver: true, answer: "HTTP 200" });
  await world.pass(250, runtime);
  await world.pass(250, runtime);
  expect((await world.store.flows.get("f1"))?.callback).toMatchObject({ state: "told", tries: 1 });
});
