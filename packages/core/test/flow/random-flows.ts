import { seeded } from "@agent-control-plane/testkit/seeded-random";
import type { AttemptOutcome } from "../../src/domain/flow.ts";
import { judgeVerdicts } from "../../src/domain/flow-decision.ts";
import { type FailurePolicy, failurePolicies } from "../../src/domain/flow-plan.ts";
import { graphProblem } from "../../src/flow/settle/check-graph.ts";
import { SimulatedFlow, type SimulatedTask } from "./simulated-flow.ts";

type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

/** Chains, diamonds, wide ones and anything between; every policy, judges, retries. */
function randomPlan(random: Random): readonly SimulatedTask[] {
  const size = 1 + Math.floor(random() * 14);
  const shape = pick(random, ["chain", "wide", "any", "dense"] as const);
  const tasks: SimulatedTask[] = [];
  for (let index = 0; index < size; index++) {
    const earlier = tasks.map(({ id }) => id);
    const chance = shape === "dense" ? 0.6 : 0.25;
    const dependsOn =
      shape === "chain"
        ? earlier.slice(-1)
        : shape === "wide"
          ? earlier.slice(0, 1)
          : earlier.filter(() => random() < chance);
    const onFail: FailurePolicy = pick(random, failurePolicies);
    tasks.push({ id: `t${index}`, dependsOn, onFail, retries: Math.floor(random() * 3) });
    const judges = `t${index}`;
    if (random() < 0.3) {
      const others = earlier.filter(() => random() < 0.2);
      const rounds = Math.floor(random() * 3);
      tasks.push({
        id: `j${index}`,
        dependsOn: [...new Set([judges, ...others])],
        judges,
        rounds,
        onFail: pick(random, failurePolicies),
      });
    }
  }
  return tasks;
}

function randomOutcome(random: Random, isJudge: boolean): AttemptOutcome {
  const kind = pick(random, ["done", "done", "done", "done", "failed", "lost", "interrupted", "cancelled"] as const);
  if (kind === "failed") return { kind, reason: "r", summary: "", isFinal: random() < 0.2, result: null };
  if (kind !== "done") return { kind, summary: "" };
  return {
    kind,
    result: null,
    ...(isJudge && random() < 0.9 ? { verdict: { verdict: pick(random, judgeVerdicts), feedback: "" } } : {}),
  };
}

/** Plays flows of chance to their ends, and answers the states in which their tasks ended. */
export function playToTheEnd(from: number, count: number): readonly string[] {
  const ends = new Set<string>();
  for (let seed = from; seed < from + count; seed++) {
    const random = seeded(seed);
    const plan = randomPlan(random);
    if (graphProblem(plan.map((task) => ({ dependsOn: [], judges: null, ...task })))) continue;
    const flow = new SimulatedFlow(plan);
    const over = new Map<string, string>();
    let endedAt: number | null = null;
    for (let step = 0; !flow.isOver; step++) {
      if (step > 3000) throw new Error(`Seed ${seed} does not end: ${JSON.stringify([...flow.tasks.values()])}`);
      if (flow.ending && endedAt === null) endedAt = step;
      move(flow, random, endedAt !== null);
      for (const { id, state } of flow.tasks.values()) {
        const before = over.get(id);
        if (before !== undefined && before !== state) throw new Error(`Seed ${seed}: ${id} was ${before}, is ${state}`);
        if (["succeeded", "failed", "skipped", "cancelled"].includes(state)) over.set(id, state);
      }
      const held = [...flow.decisions.keys()].toSorted();
      if (JSON.stringify(held) !== JSON.stringify(flow.inState("asking").toSorted()))
        throw new Error(`Seed ${seed}: ${held}`);
    }
    for (const state of over.values()) ends.add(state);
  }
  return [...ends].toSorted();
}

function move(flow: SimulatedFlow, random: Random, isEnding: boolean): void {
  const [queued, running, asking] = [flow.inState("queued"), flow.inState("running"), flow.inState("asking")];
  // Whatever is left must be able to go on by itself.
  if (queued.length + running.length + asking.length === 0) {
    throw new Error(`Nothing can move: ${JSON.stringify([...flow.tasks.values()])}`);
  }
  if (isEnding && queued.length + asking.length > 0) throw new Error("Something may begin in a flow that is to end");
  const chance = random();
  const open = [...flow.tasks.values()].filter(
    ({ id }) => !["succeeded", "failed", "skipped", "cancelled"].includes(flow.task(id).state),
  );
  if (chance < 0.02 && !isEnding) flow.end({ kind: "cancel", reason: "cancelled", stopsRunning: random() < 0.5 });
  else if (chance < 0.05 && !isEnding) flow.cancel(pick(random, open).id);
  else if (asking.length > 0 && chance < 0.4) {
    const id = pick(random, asking);
    flow.answer(id, pick(random, flow.decisions.get(id)?.options ?? []));
  } else if (running.length > 0 && (chance < 0.7 || queued.length === 0)) {
    const id = pick(random, running);
    flow.conclude(id, randomOutcome(random, flow.task(id).judges !== null));
  } else if (queued.length > 0) flow.begin(pick(random, queued));
}
