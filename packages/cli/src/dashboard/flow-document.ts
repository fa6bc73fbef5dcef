import { type FlowStatus, type FlowTaskStatus, readFlowStatus, type Store } from "@agent-control-plane/core";
import type { FlowDocument, ShownFlowTask } from "@agent-control-plane/dashboard";
import { workedBy } from "../flow/worked-by.ts";
import { oneLine } from "./shown.ts";

const mostTasks = 500;

/** One flow with its graph; null: there is none of that id. */
export async function flowDocument(store: Store, flowId: string, now: number): Promise<FlowDocument | null> {
  const status = await readFlowStatus(store, flowId, { ...(await workedBy(store)), now });
  return status && shownStatus(status);
}

function shownStatus({ flow, counts, tasks, decisions }: FlowStatus): FlowDocument {
  const { id, name, state, plan, createdAt, finishedAt, reason } = flow;
  const { total, running, asking, succeeded, failed, skipped, cancelled } = counts;
  return {
    ...{ id, name, state, tasks: total, ended: succeeded + failed + skipped + cancelled, running, asking },
    ...{ goal: plan.goal === "" ? null : plan.goal, startedAt: createdAt, endedAt: finishedAt, reason },
    shownTasks: chosen(tasks).map(shownTask),
    decisions: decisions.map(({ ref, question, options }) => ({ ref, question, options })),
  };
}

/** Of more than can be shown those that a person has to see, in the order of the plan. */
function chosen(tasks: readonly FlowTaskStatus[]): readonly FlowTaskStatus[] {
  if (tasks.length <= mostTasks) return tasks;
  const first = [...tasks].sort((a, b) => rank(a) - rank(b)).slice(0, mostTasks);
  const kept = new Set(first.map(({ id }) => id));
  return tasks.filter(({ id }) => kept.has(id));
}

const ranks = ["asking", "failed", "running", "judging", "queued", "cancelled", "skipped", "waiting", "succeeded"];
const rank = ({ state }: FlowTaskStatus): number => ranks.indexOf(state);

const shownTask = (task: FlowTaskStatus): ShownFlowTask => ({
  ...{ id: task.id, worker: task.spec.worker, state: task.state, needs: task.spec.dependsOn, attempts: task.attempts },
  ...{ startedAt: task.startedAt, endedAt: task.finishedAt, reason: task.reason ?? task.hold?.code ?? null },
  summary: textOf(task),
});

/** Of what waits why it does, of what has run what it said. */
function textOf({ hold, summary }: FlowTaskStatus): string | null {
  const said = [hold?.text ?? "", summary ?? ""].filter((text) => text !== "");
  return said.length === 0 ? null : oneLine(said.join("; "), 500);
}
