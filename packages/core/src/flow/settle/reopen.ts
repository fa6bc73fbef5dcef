import { isOver, lets, type Step, type TaskFacts } from "./facts.ts";

export interface Reopened {
  readonly steps: readonly Step[];
  /** The task cannot be done again for this one, which ended badly and stays so; null: it can. */
  readonly blockedBy: string | null;
}

/**
 * Pure. A task that ended otherwise than well is done again, and with it its judge and those of `candidates` (what ended
 * because of it) whose needs allow it. `needs`: of all candidates and of what needs them; `tasks`: everything named there.
 */
export function reopen(
  target: string,
  candidates: readonly string[],
  tasks: ReadonlyMap<string, TaskFacts>,
  needs: readonly { readonly taskId: string; readonly needsId: string }[],
): Reopened {
  const fact = (id: string): TaskFacts => {
    const task = tasks.get(id);
    if (!task) throw new Error(`Reopening was not told of task ${id}`);
    return task;
  };
  const again = new Set(candidates);
  for (let blocked = blockedOf(again, fact, needs); blocked !== null; blocked = blockedOf(again, fact, needs)) {
    if (blocked.id === target) return { steps: [], blockedBy: blocked.by };
    again.delete(blocked.id);
  }
  const unmet = new Map<string, number>();
  for (const { taskId, needsId } of needs) {
    if (again.has(needsId) || !lets(fact(needsId))) unmet.set(taskId, (unmet.get(taskId) ?? 0) + 1);
  }
  const steps = [...again].map((id): Step => {
    const open = unmet.get(id) ?? 0;
    const fresh = { isTolerated: false, isJudged: false, round: 0, unmet: open } as const;
    return { taskId: id, from: fact(id).state, state: open > 0 ? "waiting" : "queued", reason: "retried", ...fresh };
  });
  // What had been let begin by a judge that speaks once more, and has not begun.
  const held = new Set(needs.filter(({ needsId }) => again.has(needsId) && lets(fact(needsId))).map((n) => n.taskId));
  const back = [...held].flatMap((id): readonly Step[] => {
    const task = fact(id);
    if (again.has(id) || (task.state !== "waiting" && task.state !== "queued")) return [];
    return [{ taskId: id, from: task.state, state: "waiting", reason: "retried", unmet: unmet.get(id) ?? 0 }];
  });
  return { steps: [...steps, ...back], blockedBy: null };
}

/** The first that cannot be done again, and for which other task. */
function blockedOf(
  again: ReadonlySet<string>,
  fact: (id: string) => TaskFacts,
  needs: readonly { readonly taskId: string; readonly needsId: string }[],
): { readonly id: string; readonly by: string } | null {
  for (const { taskId, needsId } of needs) {
    if (!again.has(taskId) || again.has(needsId)) continue;
    const need = fact(needsId);
    // A judge speaks about work that is done anew, and about no other.
    if ((isOver(need) && !lets(need)) || fact(taskId).judges === needsId) return { id: taskId, by: needsId };
  }
  for (const id of again) {
    const { judge } = fact(id);
    if (judge !== null && !again.has(judge)) return { id, by: judge };
  }
  return null;
}
