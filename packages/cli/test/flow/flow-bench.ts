// Flows run for real: a store file, the product's own engine, real processes.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  type FlowDecision,
  type FlowMessage,
  type FlowTask,
  type OpenStore,
  openStore,
  storePath,
  systemClock,
} from "@agent-control-plane/core";
import { parsePlan } from "@agent-control-plane/core/flow";
import { afterAll } from "vitest";
import { flowWorkers, openFlowEngine } from "../../src/flow/open-engine.ts";

/** A plan as somebody writes it; its tasks run in a folder of their own flow. */
export type Plan = Readonly<Record<string, unknown>>;

export type FlowBench = Awaited<ReturnType<typeof openFlowBench>>;
export type FlowRun = Awaited<ReturnType<FlowBench["run"]>>;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** For all tests of a file, in a folder of its own; goes with the last of them. */
export async function aFlowBench(): Promise<FlowBench> {
  const home = mkdtempSync(join(tmpdir(), "acp-flows-"));
  const bench = await openFlowBench(home);
  afterAll(async () => {
    await bench.close();
    rmSync(home, { recursive: true, force: true });
  });
  return bench;
}

/** In an empty folder; whoever opens it closes it, and removes the folder. */
export async function openFlowBench(
  home: string,
  { env = process.env, isHeld = false }: { readonly env?: NodeJS.ProcessEnv; readonly isHeld?: boolean } = {},
) {
  mkdirSync(join(home, "state"), { recursive: true });
  const store = await openStore({ path: storePath(home) });
  const engine = openFlowEngine({ home, env, store, clock: systemClock, log: quiet, runtimeId: "bench" });
  let running = isHeld ? Promise.resolve() : engine.run();
  let count = 0;
  return {
    home,
    store,
    /** Of one that was held: what was submitted until now begins. */
    start() {
      running = engine.run();
    },
    async run(plan: Plan, now?: number) {
      count += 1;
      const id = `f${count}`;
      const folder = join(home, "flows", id);
      const cwd = join(home, "work", id);
      mkdirSync(folder, { recursive: true });
      mkdirSync(join(cwd, "sub"), { recursive: true });
      const options = { file: "plan.json", cwd, workers: flowWorkers(), ...(now === undefined ? {} : { now }) };
      const parsed = await parsePlan(JSON.stringify(plan), options);
      if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
      await store.flows.submit(parsed.plan, { id, folder, submittedBy: "test" });
      return flowRun(store, { id, folder, cwd });
    },
    async close() {
      await engine.stop("end");
      await running;
      await store.close();
    },
  };
}

function flowRun(store: OpenStore, { id, folder, cwd }: { readonly id: string; folder: string; cwd: string }) {
  const run = {
    id,
    folder,
    cwd,
    store,
    async flow() {
      const flow = await store.flows.get(id);
      if (flow === null) throw new Error(`There is no flow ${id}`);
      return flow;
    },
    async task(taskId: string): Promise<FlowTask> {
      const task = await store.flows.task(id, taskId);
      if (task === null) throw new Error(`There is no task ${taskId} in flow ${id}`);
      return task;
    },
    /** `a:succeeded b:skipped`, in the order of the plan; a task `gate` is none of the test's own. */
    async states(): Promise<string> {
      const tasks = (await store.flows.tasks(id)).filter((task) => task.id !== "gate");
      return tasks.map((task) => `${task.id}:${task.state}`).join(" ");
    },
    messages: (): Promise<readonly FlowMessage[]> => store.flows.messages(id, 0, 10_000),
    async until<T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> {
      const from = Date.now();
      for (;;) {
        const seen = await look();
        if (seen) return seen;
        if (Date.now() - from > 40_000) throw new Error(`Not seen: ${what}; ${await run.states()}`);
        await wait(10);
      }
    },
    async end() {
      return run.until("its end", async () => {
        const flow = await run.flow();
        return flow.finishedAt === null ? null : flow;
      });
    },
    /** Its last message is in the file and its callback was told. */
    told: () =>
      run.until("that it was told", async () =>
        (await store.events.latest(10, { profileId: `flow:${id}` })).find(({ kind }) => kind === "flow.told"),
      ),
    decision: (): Promise<FlowDecision> =>
      run.until("a decision", async () => (await store.flows.decisions({ flowId: id, open: true }))[0]),
    async cancel() {
      await store.flows.stop(id, "now", "test");
      await run.end();
    },
    /** A file of the task's last attempt; null: it is not there. */
    async file(taskId: string, name: string): Promise<string | null> {
      const { attemptFolder } = await run.task(taskId);
      const path = join(attemptFolder ?? "/nowhere", name);
      return existsSync(path) ? readFileSync(path, "utf8") : null;
    },
    /** What it printed, once the flow is over. */
    async printed(taskId: string): Promise<string> {
      await run.end();
      return ((await run.file(taskId, "stdout.log")) ?? "").trimEnd();
    },
    async began(): Promise<readonly (string | null)[]> {
      await run.end();
      const begun = (await run.messages()).filter(({ type }) => type === "TASK_STARTED");
      return begun.map(({ taskId }) => taskId).filter((taskId) => taskId !== "gate");
    },
  };
  return run;
}
