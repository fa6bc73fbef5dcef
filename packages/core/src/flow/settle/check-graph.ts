import type { FlowTaskSpec } from "../../domain/flow-plan.ts";

export interface GraphProblem {
  readonly code: "repeated-id" | "unknown-task" | "cycle" | "bad-judge";
  readonly taskId: string;
  /** One line for people. */
  readonly summary: string;
}

type Node = Pick<FlowTaskSpec, "id" | "dependsOn" | "judges">;

/**
 * Pure. Why a flow of these tasks would never end, or null. What needs work that has a judge waits for the judge, too: a
 * judge that waits for such a task waits for itself.
 */
export function graphProblem(tasks: readonly Node[]): GraphProblem | null {
  const byId = new Map<string, Node>();
  const folders = new Set<string>();
  const judges = new Map<string, string>();
  for (const task of tasks) {
    if (folders.has(task.id.toLowerCase())) {
      return problem("repeated-id", task, "is there twice (letter case aside)");
    }
    byId.set(task.id, task);
    folders.add(task.id.toLowerCase());
    if (task.judges === null) continue;
    const other = judges.get(task.judges);
    if (other !== undefined) return problem("bad-judge", task, `judges ${task.judges}, which ${other} judges already`);
    judges.set(task.judges, task.id);
  }
  for (const task of tasks) {
    const unknown = task.dependsOn.find((id) => !byId.has(id));
    if (unknown !== undefined) return problem("unknown-task", task, `needs ${unknown}, which is not in the flow`);
    if (task.judges === null) continue;
    if (!task.dependsOn.includes(task.judges)) {
      return problem("bad-judge", task, `judges ${task.judges} and does not depend on it`);
    }
    if (byId.get(task.judges)?.judges != null) {
      return problem("bad-judge", task, `judges ${task.judges}, which is a judge itself`);
    }
    if (judges.has(task.id)) return problem("bad-judge", task, "is a judge and has a judge");
  }
  return cycleOf(byId, judges);
}

function cycleOf(byId: ReadonlyMap<string, Node>, judges: ReadonlyMap<string, string>): GraphProblem | null {
  const left = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  const ready: string[] = [];
  for (const task of byId.values()) {
    const needs = new Set(task.dependsOn);
    for (const id of task.dependsOn) {
      const judge = judges.get(id);
      if (judge !== undefined && judge !== task.id) needs.add(judge);
    }
    left.set(task.id, needs.size);
    if (needs.size === 0) ready.push(task.id);
    for (const id of needs) {
      const list = dependents.get(id);
      if (list) list.push(task.id);
      else dependents.set(id, [task.id]);
    }
  }
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const dependent of dependents.get(id) ?? []) {
      const waits = (left.get(dependent) ?? 0) - 1;
      left.set(dependent, waits);
      if (waits === 0) ready.push(dependent);
    }
    left.delete(id);
  }
  for (const [id] of left) {
    const task = byId.get(id);
    if (task) return problem("cycle", task, "needs itself, through others");
  }
  return null;
}

const problem = (code: GraphProblem["code"], { id }: Node, what: string): GraphProblem => ({
  code,
  taskId: id,
  summary: `Task ${id} ${what}.`,
});
