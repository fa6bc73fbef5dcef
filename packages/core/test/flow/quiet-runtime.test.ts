// A runtime with nothing to do costs next to nothing, and still begins what is submitted within a second.
import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it, onTestFinished } from "vitest";
import { FlowEngine, type FlowWorkers } from "../../src/index.ts";
import { aPlan, aTask } from "../store/flows/flow-specs.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

const idleWorkers: FlowWorkers = {
  refuses: () => null,
  run: () => new Promise(() => {}),
  follow: () => new Promise(() => {}),
  assess: async () => ({ kind: "done", result: null }),
  sweep() {},
};

async function running(workers = idleWorkers) {
  const statements: string[] = [];
  const clock = new ManualClock();
  const temporary = await temporaryStore({ clock, onStatement: (sql) => void statements.push(sql) });
  const { store } = temporary;
  let sessions = 0;
  const engine = new FlowEngine({
    ...{ store, clock, log: quiet, workers, runtimeId: "r1", workerNames: ["shell"] },
    newSessionId: () => {
      sessions += 1;
      return `s${sessions}`;
    },
    callBack: async () => ({ isOver: true, answer: "" }),
  });
  const over = engine.run();
  onTestFinished(async () => {
    await engine.stop("keep");
    await over;
  });
  /** Each step is over when the engine sleeps again. */
  async function pass(ms: number, step = 50): Promise<void> {
    for (let done = 0; done < ms; done += step) {
      await asleep();
      clock.advance(step);
    }
    await asleep();
  }
  async function asleep(): Promise<void> {
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    while (clock.sleeping === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await asleep();
  return { ...temporary, engine, statements, pass };
}

it("with no flow under way it asks the store one thing a second, and writes nothing", async () => {
  const { statements, pass } = await running();
  statements.length = 0;
  await pass(60_000);
  expect(statements.length).toBeLessThanOrEqual(60);
  expect(statements.length).toBeGreaterThan(50);
  expect(statements.filter((sql) => !sql.trimStart().startsWith("select"))).toEqual([]);
});

it("what is submitted meanwhile begins within about a second", async () => {
  const begun: string[] = [];
  const { store, pass } = await running({
    ...idleWorkers,
    run({ task }) {
      begun.push(task.id);
      return new Promise(() => {});
    },
  });
  await pass(30_000);
  await store.flows.submit(aPlan([aTask("a")]), { id: "f1", folder: "/nowhere/f1", submittedBy: "cli" });
  await pass(1_050);
  expect(begun).toEqual(["a"]);
});
