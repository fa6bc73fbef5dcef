import type { LoggedEvent } from "../domain/event.ts";
import type { Json } from "../domain/json.ts";
import type { Task } from "../domain/task.ts";
import { FlowsByLog } from "./flows/flow-problems.ts";
import type { Store } from "./store.ts";

/** What the log alone says about a task. `waiting` is scheduled or queued: becoming due is not an event. */
type Rebuilt = Record<string, Json> & { state: string };

/**
 * Compares the tables with what the event log says must be in them, and the tables with each other. Answers one line
 * for each difference; an empty list is a consistent store.
 */
export async function storeProblems(store: Store): Promise<readonly string[]> {
  const rebuilt = new Map<number, Rebuilt>();
  const flows = new FlowsByLog();
  for await (const page of wholeLog(store)) {
    fold(page, rebuilt);
    flows.fold(page);
  }
  const tasks = await store.tasks.list({});
  const problems: string[] = [];
  for (const task of tasks) {
    problems.push(...taskProblems(task, rebuilt.get(task.id)));
    problems.push(...(await leaseProblems(store, task, rebuilt.get(task.id))));
  }
  const known = new Set(tasks.map((task) => task.id));
  problems.push(...subjectProblems(tasks), ...slotProblems(rebuilt, await store.tasks.slotsHeld()));
  problems.push(...(await flows.problems(store)));
  for (const id of rebuilt.keys()) if (!known.has(id)) problems.push(`task ${id} is in the log and not in the table`);
  return problems;
}

/** Folds the log into tasks by id. */
function fold(events: readonly LoggedEvent[], tasks: Map<number, Rebuilt>): void {
  for (const event of events) {
    if (event.taskId === null || !event.kind.startsWith("task.")) continue;
    const before = tasks.get(event.taskId) ?? { state: "unknown" };
    tasks.set(event.taskId, { ...before, ...changeOf(event) });
  }
}

function changeOf(event: LoggedEvent): Record<string, Json> {
  const body = (event.body ?? {}) as Record<string, Json>;
  const stated = typeof body.state === "string" ? { ...body, state: withoutDue(body.state) } : { ...body };
  const ended = "state" in stated && ["succeeded", "cancelled", "dead"].includes(String(stated.state));
  const stop = { owner: null, cancelRequestedAt: null, finishedAt: ended ? event.at : null };
  switch (event.kind) {
    case "task.enqueued":
      return { ...stated, attempts: 0, term: 0, result: null, reason: null, ...stop };
    case "task.claimed":
      return {
        state: "running",
        attempts: body.attempts ?? null,
        owner: body.owner ?? null,
        term: event.term,
        slots: body.slots ?? [],
      };
    case "task.slots-taken":
      return { slots: body.slots ?? [] };
    case "task.adopted":
      return { owner: body.owner ?? null, term: event.term };
    case "task.released":
    case "task.recovered":
      return { ...stated, ...stop };
    case "task.cancel-requested":
      return { cancelRequestedAt: event.at, reason: body.reason ?? null };
    case "task.cancelled":
      return { ...stated, finishedAt: event.at };
    case "task.replayed":
      return { ...stated, attempts: 0, finishedAt: null };
    case "task.updated":
      return stated;
    default:
      return {};
  }
}

function taskProblems(task: Task, rebuilt: Rebuilt | undefined): string[] {
  if (!rebuilt) return [`task ${task.id} is in the table and not in the log`];
  const told: Record<string, Json> = { ...task, state: withoutDue(task.state) };
  return comparedFields.flatMap((field) => {
    const [table, log] = [JSON.stringify(told[field]), JSON.stringify(rebuilt[field])];
    return table === log ? [] : [`task ${task.id}: ${field} is ${table} in the table and ${log} by the log`];
  });
}

const comparedFields = [
  "queue",
  "subject",
  "lane",
  "dedupeKey",
  "state",
  "priority",
  "runAt",
  "attempts",
  "maxAttempts",
  "term",
  "cancelRequestedAt",
  "payload",
  "result",
  "reason",
  "finishedAt",
] as const;

async function leaseProblems(store: Store, task: Task, rebuilt: Rebuilt | undefined): Promise<string[]> {
  const lease = await store.tasks.lease(task.id);
  if (task.state !== "running") return lease ? [`task ${task.id} is ${task.state} and has a lease`] : [];
  if (!lease) return [`task ${task.id} is running without a lease`];
  const problems: string[] = [];
  if (lease.term !== task.term) problems.push(`task ${task.id} has term ${task.term}, its lease has ${lease.term}`);
  // An empty owner: handed over after its session ended.
  if (lease.owner !== "" && lease.owner !== rebuilt?.owner) {
    problems.push(`task ${task.id} is leased to ${lease.owner}, by the log to ${JSON.stringify(rebuilt?.owner)}`);
  }
  return problems;
}

/** A store that an older version left two running of one subject breaks this until they end. */
function subjectProblems(tasks: readonly Task[]): string[] {
  const running = new Map<string, number>();
  return tasks.flatMap((task) => {
    if (task.state !== "running" || task.subject === "") return [];
    const key = JSON.stringify([task.queue, task.subject]);
    const twin = running.get(key);
    running.set(key, task.id);
    return twin === undefined ? [] : [`tasks ${twin} and ${task.id} of ${task.queue} ${task.subject} both run`];
  });
}

/** A task holds what its claim took, exactly while it runs. */
function slotProblems(rebuilt: ReadonlyMap<number, Rebuilt>, held: ReadonlyMap<string, number>): string[] {
  const told = new Map<string, number>();
  for (const { state, slots } of rebuilt.values()) {
    if (state !== "running" || !Array.isArray(slots)) continue;
    for (const slot of new Set(slots.map(String))) told.set(slot, (told.get(slot) ?? 0) + 1);
  }
  return [...new Set([...told.keys(), ...held.keys()])].flatMap((slot) => {
    const [table, log] = [held.get(slot) ?? 0, told.get(slot) ?? 0];
    return table === log ? [] : [`slot ${slot} is held by ${table} in the table and by ${log} by the log`];
  });
}

/** Page by page: a log of months is larger than memory should have to be. */
async function* wholeLog(store: Store): AsyncGenerator<readonly LoggedEvent[]> {
  for (let afterSeq = 0; ; ) {
    const page = await store.events.list({ afterSeq, limit: 5000 });
    yield page;
    if (page.length < 5000) return;
    afterSeq = page.at(-1)?.seq ?? afterSeq;
  }
}

function withoutDue(state: string): string {
  return state === "scheduled" || state === "queued" ? "waiting" : state;
}
