import { type AttemptOutcome, flowTaskSteps } from "../../src/domain/flow.ts";
import type { FailurePolicy, FlowRetry } from "../../src/domain/flow-plan.ts";
import { answerDecision } from "../../src/flow/settle/answer-decision.ts";
import { concludeAttempt } from "../../src/flow/settle/conclude-attempt.ts";
import {
  type Ending,
  type Facts,
  type FactsWanted,
  isOver,
  lets,
  type NewDecision,
  type Settled,
  type TaskFacts,
} from "../../src/flow/settle/facts.ts";
import type { Consequence } from "../../src/flow/settle/policy.ts";
import { settle } from "../../src/flow/settle/settle.ts";

export interface SimulatedTask {
  readonly id: string;
  readonly dependsOn?: readonly string[];
  readonly judges?: string | null;
  readonly rounds?: number;
  readonly onFail?: FailurePolicy;
  readonly retries?: number;
}

/** A flow in memory, for tests: what the store does with what settling says, without a store. */
export class SimulatedFlow {
  readonly tasks = new Map<string, TaskFacts>();
  readonly decisions = new Map<string, NewDecision>();
  readonly stops = new Set<string>();
  ending: Ending | null = null;
  readonly #needs = new Map<string, readonly string[]>();
  readonly #retries = new Map<string, number>();
  readonly #tries = new Map<string, number>();
  readonly #lost = new Map<string, number>();

  constructor(plan: readonly SimulatedTask[]) {
    for (const { id, dependsOn = [], judges = null, rounds = 1, onFail = "skip_dependents", retries = 0 } of plan) {
      const judge = plan.find((other) => other.judges === id)?.id ?? null;
      const unmet = dependsOn.length;
      const fixed = { round: 0, isTolerated: false, isJudged: false, ask: null };
      const state = unmet === 0 ? "queued" : "waiting";
      this.tasks.set(id, { id, state, onFail, judges, judge, rounds, unmet, ...fixed });
      this.#needs.set(id, dependsOn);
      this.#retries.set(id, retries);
    }
  }

  get flow() {
    return { ending: this.ending?.kind ?? null, now: 0 };
  }

  inState(state: TaskFacts["state"]): readonly string[] {
    return [...this.tasks.values()].filter((task) => task.state === state).map(({ id }) => id);
  }

  get isOver(): boolean {
    return [...this.tasks.values()].every(isOver);
  }

  begin(id: string): void {
    const task = this.task(id);
    if (task.state !== "queued" || this.ending) throw new Error(`${id} is ${task.state} and cannot begin`);
    this.tasks.set(id, { ...task, state: "running" });
    this.#tries.set(id, (this.#tries.get(id) ?? 0) + 1);
  }

  conclude(id: string, outcome: AttemptOutcome): void {
    const task = this.task(id);
    const retry: FlowRetry = { count: this.#retries.get(id) ?? 0, backoffMs: 1, factor: 2, maxMs: 10 };
    const judged = task.judges === null ? null : this.task(task.judges);
    const [tries, lost] = [this.#tries.get(id) ?? 0, this.#lost.get(id) ?? 0];
    const ended = { outcome, retry, tries, lost, isStopped: this.stops.delete(id) };
    const { first, release, isLost } = concludeAttempt(task, judged, ended, this.flow);
    if (release === "snooze") this.#tries.set(id, tries - 1);
    else if (release !== "retry") this.#tries.set(id, 0);
    if (isLost) this.#lost.set(id, lost + 1);
    this.apply(first);
  }

  answer(id: string, answer: string): void {
    const kind = this.decisions.get(id)?.kind;
    if (!kind) throw new Error(`${id} asks nothing`);
    this.apply([answerDecision(this.task(id), kind, answer, this.flow)]);
  }

  cancel(id: string): void {
    const task = this.task(id);
    if (task.state === "running") this.stops.add(id);
    else this.apply([{ step: { taskId: id, from: task.state, state: "cancelled", reason: "cancelled" } }]);
  }

  end(ending: Ending): void {
    this.apply([], ending);
  }

  apply(first: readonly Consequence[], ending: Ending | null = null): void {
    const tasks = first.map(({ step }) => this.task(step.taskId));
    const settling = settle(this.flow, tasks, first, ending);
    let answer = settling.next();
    while (!answer.done) answer = settling.next(this.#facts(answer.value));
    this.#save(answer.value);
  }

  needsOf(id: string): readonly TaskFacts[] {
    return (this.#needs.get(id) ?? []).map((need) => this.task(need));
  }

  task(id: string): TaskFacts {
    const task = this.tasks.get(id);
    if (!task) throw new Error(`There is no task ${id}`);
    return task;
  }

  #facts(wanted: FactsWanted): Facts {
    if ("open" in wanted) return { tasks: [...this.tasks.values()].filter((task) => !isOver(task)), needs: [] };
    const asked = new Set(wanted.beside);
    const needs = [...this.#needs].flatMap(([taskId, of]) =>
      of.filter((needsId) => asked.has(needsId)).map((needsId) => ({ taskId, needsId })),
    );
    const ids = new Set(needs.map(({ taskId }) => taskId));
    for (const id of wanted.beside) {
      const { judge, judges } = this.task(id);
      for (const other of [judge, judges]) if (other !== null) ids.add(other);
    }
    return { tasks: [...ids].map((id) => this.task(id)), needs };
  }

  #save({ steps, decisions, stops, ending }: Settled): void {
    for (const { taskId, from, state, reason: _r, runAt: _a, feedback: _f, ...change } of steps) {
      const task = this.task(taskId);
      if (task.state !== from) throw new Error(`${taskId} was ${task.state}, and settling took it for ${from}`);
      const isStep = (flowTaskSteps[from] as readonly string[]).includes(state);
      if (state !== from && !isStep) throw new Error(`${taskId} goes from ${from} to ${state}`);
      this.tasks.set(taskId, { ...task, ...change, state });
      this.decisions.delete(taskId);
    }
    for (const { taskId, state } of steps) {
      const { judges } = this.task(taskId);
      const waits = this.needsOf(taskId).find((need) => !lets(need) && need.id !== judges);
      if (state === "queued" && waits) throw new Error(`${taskId} is queued and needs ${waits.id} (${waits.state})`);
    }
    for (const decision of decisions) this.decisions.set(decision.taskId, decision);
    for (const id of stops) this.stops.add(id);
    this.ending ??= ending;
  }
}
