import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { graphProblem } from "../../../src/flow/settle/check-graph.ts";
import {
  type AttemptOutcome,
  type BegunTask,
  type FlowTaskSpec,
  type FlowTaskState,
  failurePolicies,
  flowTaskSteps,
  judgeVerdicts,
  type OpenStore,
} from "../../../src/index.ts";
import { anEnding } from "../store-examples.ts";
import { aPlan, aTask, submit } from "./flow-examples.ts";

const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

function randomTasks(random: () => number): readonly FlowTaskSpec[] {
  const tasks: FlowTaskSpec[] = [];
  for (let index = 0; index < 9; index++) {
    const dependsOn = tasks.map(({ id }) => id).filter(() => random() < 0.25);
    const retry = { count: Math.floor(random() * 3), backoffMs: 1000, factor: 2, maxMs: 4000 };
    const ask =
      random() < 0.5
        ? { expiresMs: 20_000, answer: pick(random, ["retry", "continue", "skip", "fail"] as const) }
        : null;
    const more = { group: pick(random, [null, "g", "h"]), priority: Math.floor(random() * 3) };
    tasks.push(aTask(`t${index}`, { dependsOn, retry, ask, onFail: pick(random, failurePolicies), ...more }));
    if (random() < 0.3)
      tasks.push(
        aTask(`j${index}`, { dependsOn: [`t${index}`], judges: `t${index}`, onFail: pick(random, failurePolicies) }),
      );
  }
  return tasks;
}

it.each([1, 2])("flows that two stores work on at random end, and log and tables agree (seed %i)", async (seed) => {
  const clock = new ManualClock();
  const { store: first, open, path } = await temporaryStore({ clock });
  const steps = noteSteps(path);
  const stores = [first, await open()];
  const random = seeded(seed * 7919);
  const ids: string[] = [];
  for (let index = 0; ids.length < 3; index++) {
    const tasks = randomTasks(random);
    if (graphProblem(tasks)) continue;
    const deadlineMs = random() < 0.3 ? 60_000 : null;
    await submit(
      first,
      aPlan(tasks, { parallelism: 2 + (index % 3), concurrency: { g: 2 }, deadlineMs }),
      `f${ids.length}`,
    );
    ids.push(`f${ids.length}`);
  }
  const running: BegunTask[] = [];
  for (let step = 0; step < 700 && (await first.flows.list({ states: ["running", "paused"] })).length > 0; step++) {
    await oneStep(pick(random, stores), ids, running, random, clock, step);
    for (const flowId of ids) expect((await first.tasks.slotsHeld()).get(`flow:${flowId}`) ?? 0).toBeLessThan(5);
    expect((await first.tasks.slotsHeld()).get("group:g") ?? 0).toBeLessThan(3);
  }
  expect(await storeProblems(first)).toEqual([]);
  expect(steps().filter(([from, to]) => !(flowTaskSteps[from] as readonly string[]).includes(to))).toEqual([]);
  for (const flow of await first.flows.list({})) {
    expect(flow.finishedAt).not.toBeNull();
    const messages = await first.flows.messages(flow.id, 0, 10_000);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
    expect(messages.filter(({ type }) => type === "ALL_DONE")).toHaveLength(1);
    expect(messages.at(-1)?.type).toBe("ALL_DONE");
    const ends = messages
      .filter(({ type }) => type === "TASK_DONE" || type === "TASK_FAILED")
      .map(({ taskId }) => taskId);
    expect(ends.toSorted()).toEqual((await first.flows.tasks(flow.id)).map(({ id }) => id).toSorted());
  }
});

/** Each step of a task's state, as the database saw it. */
function noteSteps(path: string) {
  const database = new Database(path);
  onTestFinished(() => void database.close());
  database.exec(`create table steps (step text);
    create trigger note_steps after update of state on flow_tasks when old.state <> new.state
    begin insert into steps values (old.state || ' ' || new.state); end`);
  const select = database.prepare("select distinct step from steps").pluck();
  return () => (select.all() as string[]).map((step) => step.split(" ") as [FlowTaskState, FlowTaskState]);
}

let sessions = 0;

async function oneStep(
  store: OpenStore,
  ids: readonly string[],
  running: BegunTask[],
  random: () => number,
  clock: ManualClock,
  step: number,
): Promise<void> {
  const flowId = pick(random, ids);
  const chance = random();
  if (chance < 0.45) {
    const begun = await store.flows.begin({ flowId, owner: "r", leaseMs: 60_000, session: { id: `s${++sessions}` } });
    if (begun) running.push(begun);
  } else if (chance < 0.8) {
    const [begun] = running.splice(Math.floor(random() * running.length), 1);
    if (!begun) return;
    const outcome = randomOutcome(random, begun.task.spec.judges !== null);
    expect(await store.flows.conclude(begun.lease, begun.session.id, outcome, anEnding(clock.now()))).not.toBe("lost");
  } else if (chance < 0.9) {
    const open = await store.flows.decisions({ flowId, open: true });
    if (open.length === 0) return;
    const { ref, options } = pick(random, open);
    expect(await store.flows.decide({ flowId, ref, answer: pick(random, options), by: "ann" })).toEqual({
      kind: "applied",
    });
  } else if (chance < 0.96) {
    clock.advance(Math.floor(random() * 4000));
    await store.flows.expire();
  } else if (chance < 0.98) {
    await (random() < 0.4 ? store.flows.pause(flowId, "ann") : store.flows.resume(flowId, "ann"));
  } else if (chance < 0.995) {
    await store.flows.cancelTask(flowId, pick(random, await store.flows.tasks(flowId)).id, "ann");
  } else if (step > 200) await store.flows.stop(flowId, "now", "ann");
  if (step > 300) await store.flows.resume(flowId, "ann");
}

function randomOutcome(random: () => number, isJudge: boolean): AttemptOutcome {
  const kind = pick(random, ["done", "done", "done", "failed", "lost", "interrupted"] as const);
  if (kind === "failed") return { kind, reason: "exit-code", summary: "no", isFinal: random() < 0.2, result: null };
  if (kind !== "done") return { kind, summary: "gone" };
  if (!isJudge) return { kind, result: null };
  return { kind, result: null, verdict: { verdict: pick(random, judgeVerdicts), feedback: "because" } };
}
