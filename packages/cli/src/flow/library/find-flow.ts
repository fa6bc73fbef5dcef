import { type Flow, type FlowTask, type Store, suggest } from "@agent-control-plane/core";
import { FlowError } from "./flow-error.ts";

const mostNamed = 5;

/** The flow with this id, or the only one whose id begins so. Null `store`: nothing was ever set up. */
export async function findFlow(store: Pick<Store, "flows"> | null, given: string): Promise<Flow> {
  const flow = (await store?.flows.get(given)) ?? null;
  if (flow !== null) return flow;
  const flows = (await store?.flows.list({})) ?? [];
  const meant = given === "" ? [] : flows.filter(({ id }) => id.startsWith(given));
  const [only, ...others] = meant;
  if (only && others.length === 0) return only;
  if (only) {
    throw new FlowError("ambiguous-flow", `Several flows begin with ${given}: ${named(meant)}. Write more of the id.`, {
      exitCode: 66,
    });
  }
  const there = flows.length === 0 ? "There are none." : `There are: ${named(flows)}.`;
  throw new FlowError("unknown-flow", `There is no flow ${given}. ${there}`, { exitCode: 66 });
}

export async function findTask(store: Pick<Store, "flows">, flow: Flow, taskId: string): Promise<FlowTask> {
  const task = await store.flows.task(flow.id, taskId);
  if (task !== null) return task;
  const ids = (await store.flows.tasks(flow.id)).map(({ id }) => id);
  const near = suggest(taskId, ids.slice(0, 5_000));
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : "";
  const there = near === null ? `It has: ${ids.slice(0, mostNamed).join(", ")}${more}.` : `Did you mean ${near}?`;
  throw new FlowError("unknown-task", `There is no task ${taskId} in flow ${flow.id}. ${there}`, { exitCode: 66 });
}

/** The newest ones. */
function named(flows: readonly Flow[]): string {
  const newest = [...flows].reverse().slice(0, mostNamed);
  const more = flows.length > mostNamed ? ` and ${flows.length - mostNamed} more` : "";
  return `${newest.map(({ id, name, state }) => `${id} (${name}, ${state})`).join(", ")}${more}`;
}
