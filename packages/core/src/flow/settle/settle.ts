import { judgeIdOf } from "../plan/bounds.ts";
import {
  type Ending,
  type Facts,
  type FactsWanted,
  type FlowFacts,
  isOver,
  lets,
  type NewDecision,
  type Settled,
  type Step,
  type TaskFacts,
} from "./facts.ts";
import { type Consequence, failTask } from "./policy.ts";

/**
 * Pure. What follows from changes of some tasks: dependents begin or are skipped, through any number of others; judges
 * are asked, or end with the work they judge; the flow is to end. It asks for the facts it needs, level by level, so
 * that its cost grows with what is concerned and not with the flow. `tasks`: those of the first changes, as they were.
 */
export function* settle(
  flow: FlowFacts,
  tasks: readonly TaskFacts[],
  first: readonly Consequence[],
  ending: Ending | null = null,
): Generator<FactsWanted, Settled, Facts> {
  const ground = new Ground(flow, tasks, ending);
  for (const each of first) ground.take(each);
  for (let moved = ground.moved(); moved.length > 0; moved = ground.moved()) {
    const facts = yield { beside: moved };
    ground.learn(facts.tasks);
    const dependents = new Map<string, string[]>();
    for (const { taskId, needsId } of facts.needs) (dependents.get(needsId) ?? put(dependents, needsId)).push(taskId);
    for (const id of moved) follow(ground, ground.task(id), dependents.get(id) ?? []);
  }
  if (ground.ending !== null) {
    ground.learn((yield { open: true }).tasks);
    endAll(ground, ground.ending);
  }
  return ground.settled();
}

function put(map: Map<string, string[]>, key: string): string[] {
  const list: string[] = [];
  map.set(key, list);
  return list;
}

function follow(ground: Ground, task: TaskFacts, dependents: readonly string[]): void {
  if (isOver(task)) {
    for (const id of dependents) if (id !== task.judge) followNeed(ground, task, ground.task(id));
    if (task.judges !== null) withoutVerdict(ground, ground.task(task.judges), task);
  }
  if (task.judge !== null) followJudged(ground, task, ground.task(task.judge));
}

function followNeed(ground: Ground, need: TaskFacts, dependent: TaskFacts): void {
  if (dependent.state !== "waiting") return;
  if (lets(need)) ground.meet(dependent);
  else ground.step(dependent, "skipped", `needs-${need.state}`);
}

/** The work that a judge looks at is done, or is over. */
function followJudged(ground: Ground, work: TaskFacts, judge: TaskFacts): void {
  if (work.state === "judging") {
    if (isOver(judge)) withoutVerdict(ground, work, judge);
    else if (judge.state === "waiting") ground.meet(judge);
  } else if (isOver(work) && !isOver(judge)) {
    if (judge.state === "running") ground.stop(judge.id);
    else if (judge.state === "waiting" && work.isJudged) ground.step(judge, "succeeded", null);
    else ground.step(judge, "skipped", `needs-${work.state}`, work.isTolerated);
  }
}

/**
 * Nobody will speak about this work any more. Unjudged work passes only where the plan says of the task that judges it
 * that its failure may be passed over; of a judge that the work was given nothing of the kind can be said.
 */
function withoutVerdict(ground: Ground, work: TaskFacts, judge: TaskFacts): void {
  if (work.state !== "judging") return;
  if (ground.isEnding) ground.step(work, "cancelled", "not-judged");
  else if (judge.isTolerated && judge.id !== judgeIdOf(work.id)) ground.step(work, "succeeded", "not-judged");
  else ground.take(failTask(work, "not-judged", ground.flow));
}

/** Nothing begins any more: what does not run, and is not just being judged, is over. */
function endAll(ground: Ground, ending: Ending): void {
  for (const task of ground.open()) {
    const judge = task.judge === null ? null : ground.known(task.judge);
    if (task.state === "running") {
      if (ending.stopsRunning) ground.stop(task.id);
    } else if (task.state !== "judging" || judge?.state !== "running") {
      ground.step(task, "cancelled", ending.reason === "cancelled" ? "flow-cancelled" : "flow-ending");
    }
  }
}

/** The tasks as they are known so far, with what has changed. */
class Ground {
  readonly flow: FlowFacts;
  ending: Ending | null;
  readonly #tasks = new Map<string, TaskFacts>();
  readonly #before = new Map<string, TaskFacts>();
  readonly #steps = new Map<string, Step>();
  readonly #decisions = new Map<string, NewDecision>();
  readonly #stops = new Set<string>();
  #moved: string[] = [];

  constructor(flow: FlowFacts, tasks: readonly TaskFacts[], ending: Ending | null) {
    this.flow = flow;
    this.ending = ending;
    this.learn(tasks);
  }

  get isEnding(): boolean {
    return this.flow.ending !== null || this.ending !== null;
  }

  /** What was changed here is not told again. */
  learn(tasks: readonly TaskFacts[]): void {
    for (const task of tasks) {
      if (this.#tasks.has(task.id)) continue;
      this.#tasks.set(task.id, task);
      this.#before.set(task.id, task);
    }
  }

  known(id: string): TaskFacts | null {
    return this.#tasks.get(id) ?? null;
  }

  task(id: string): TaskFacts {
    const task = this.#tasks.get(id);
    if (!task) throw new Error(`Settling was not told of task ${id}`);
    return task;
  }

  open(): readonly TaskFacts[] {
    return [...this.#tasks.values()].filter((task) => !isOver(task));
  }

  /** Tasks whose change may concern others, since this was asked last. */
  moved(): readonly string[] {
    const moved = [...new Set(this.#moved)];
    this.#moved = [];
    return moved;
  }

  take({ step, decision, failsFlow = false }: Consequence): void {
    this.#apply(step);
    if (decision) this.#decisions.set(step.taskId, decision);
    if (failsFlow) this.ending ??= { kind: "fail", reason: "task-failed", stopsRunning: false };
  }

  step(task: TaskFacts, state: Step["state"], reason: string | null, isTolerated = false): void {
    const change = isOver({ state }) ? { isTolerated } : {};
    this.#apply({ taskId: task.id, from: task.state, state, reason, ...change });
  }

  /** One of the tasks that it needs lets it begin. */
  meet(task: TaskFacts): void {
    const unmet = task.unmet - 1;
    this.#apply({ taskId: task.id, from: task.state, state: unmet > 0 ? "waiting" : "queued", reason: null, unmet });
  }

  stop(id: string): void {
    this.#stops.add(id);
  }

  #apply(step: Step): void {
    const task = this.task(step.taskId);
    const { taskId, from: _from, reason: _reason, runAt: _runAt, feedback: _feedback, ...change } = step;
    this.#tasks.set(taskId, { ...task, ...change });
    const from = this.#before.get(taskId)?.state ?? step.from;
    this.#steps.set(taskId, { ...this.#steps.get(taskId), ...step, from });
    if (step.state !== "asking") this.#decisions.delete(taskId);
    if (isOver(step) || step.state === "judging") this.#moved.push(taskId);
  }

  settled(): Settled {
    const decisions = [...this.#decisions.values()];
    const stops = [...this.#stops].filter((id) => this.#tasks.get(id)?.state === "running");
    return { steps: [...this.#steps.values()], decisions, stops, ending: this.ending };
  }
}
