import type { LoggedEvent } from "../../domain/event.ts";
import type { FlowTask } from "../../domain/flow.ts";
import type { FlowPlan } from "../../domain/flow-plan.ts";
import type { Json } from "../../domain/json.ts";
import type { Store } from "../store.ts";

type Told = { [name: string]: Json };

/** What the log alone says of flows and their tasks, folded page by page. */
export class FlowsByLog {
  readonly #flows = new Map<string, Told>();
  readonly #tasks = new Map<string, Map<string, Told>>();

  fold(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      if (!event.kind.startsWith("flow.") || !event.profileId?.startsWith("flow:")) continue;
      const id = event.profileId.slice("flow:".length);
      const body = (event.body ?? {}) as Told;
      if (event.subject === null) this.#foldFlow(id, event.kind, body);
      else if (event.kind.startsWith("flow.task-")) this.#foldTask(id, event.subject, body);
    }
  }

  #foldFlow(id: string, kind: string, body: Told): void {
    if (kind === "flow.submitted") {
      this.#flows.set(id, { state: "running", ending: null, reason: null, name: body.name ?? null });
      const tasks = new Map<string, Told>();
      for (const spec of body.tasks as unknown as FlowPlan["tasks"]) {
        tasks.set(spec.id, { ...newTask, spec: JSON.stringify(spec) });
      }
      this.#tasks.set(id, tasks);
      return;
    }
    const { state, ending, reason } = body;
    const before = this.#flows.get(id) ?? {};
    const reopened = kind === "flow.reopened" ? { ending: null, reason: null } : {};
    this.#flows.set(id, {
      ...before,
      ...reopened,
      ...(kind !== "flow.line-read" && state !== undefined ? { state } : {}),
      ...(ending === undefined ? {} : { ending }),
      ...(reason === undefined ? {} : { reason }),
    });
  }

  #foldTask(id: string, taskId: string, { spec, ...body }: Told): void {
    const tasks = this.#tasks.get(id) ?? new Map<string, Told>();
    this.#tasks.set(id, tasks);
    const before = tasks.get(taskId) ?? { ...newTask };
    const now = { ...before, ...body, ...(spec === undefined ? {} : { spec: JSON.stringify(spec) }) };
    const attempts = Number(before.attempts) + (body.state === "running" ? 1 : 0);
    tasks.set(taskId, { ...now, attempts, ...(body.state === "running" ? { reason: null } : {}) });
  }

  /** One line for each difference between the tables and the log, and for each flow that could not go on by itself. */
  async problems(store: Store): Promise<readonly string[]> {
    const problems: string[] = [];
    const flows = await store.flows.list({});
    for (const flow of flows) {
      const told = this.#flows.get(flow.id);
      for (const name of ["name", "state", "ending", "reason"] as const) {
        if (told?.[name] !== flow[name]) {
          problems.push(`flow ${flow.id}: ${name} is ${flow[name]} in the table and ${told?.[name]} by the log`);
        }
      }
      const tasks = await store.flows.tasks(flow.id);
      for (const task of tasks) problems.push(...differences(task, this.#tasks.get(flow.id)?.get(task.id)));
      problems.push(...(await stuck(store, flow, tasks)));
    }
    return problems;
  }
}

const newTask: Told = { state: "waiting", reason: null, round: 0, attempts: 0, queueTaskId: null };

function differences(task: FlowTask, told: Told | undefined): readonly string[] {
  const table: Told = {
    ...{ state: task.state, reason: task.reason, round: task.round, attempts: task.attempts },
    ...{ queueTaskId: task.queueTaskId, spec: JSON.stringify(task.spec) },
  };
  return Object.keys(table).flatMap((name) =>
    table[name] === told?.[name]
      ? []
      : [`flow ${task.flowId} ${task.id}: ${name} is ${table[name]} in the table and ${told?.[name]} by the log`],
  );
}

const over = new Set(["succeeded", "failed", "skipped", "cancelled"]);

async function stuck(
  store: Store,
  flow: { readonly id: string; readonly finishedAt: number | null },
  tasks: readonly FlowTask[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  const open = tasks.filter((task) => !over.has(task.state));
  if (flow.finishedAt !== null && open.length > 0) problems.push(`flow ${flow.id} is over and ${open[0]?.id} is not`);
  if (flow.finishedAt === null && open.length === 0) problems.push(`flow ${flow.id} has nothing to do and is not over`);
  if (open.length > 0 && open.every(({ state }) => state === "waiting" || state === "judging")) {
    problems.push(`flow ${flow.id} waits for nothing`);
  }
  for (const task of open) {
    if (task.state !== "queued" && task.state !== "running") continue;
    const queued = task.queueTaskId === null ? null : await store.tasks.get(task.queueTaskId);
    const isRunning = queued?.state === "running";
    const isThere = isRunning || queued?.state === "queued" || queued?.state === "scheduled";
    if (!isThere || isRunning !== (task.state === "running")) {
      problems.push(`flow ${flow.id} ${task.id} is ${task.state} and its task of the queue ${queued?.state}`);
    }
  }
  const counts = await store.flows.counts(flow.id);
  for (const [state, count] of Object.entries(counts)) {
    const there = state === "total" ? tasks.length : tasks.filter((task) => task.state === state).length;
    if (there !== count) problems.push(`flow ${flow.id} has ${there} tasks that are ${state}, and counts ${count}`);
  }
  return problems;
}
