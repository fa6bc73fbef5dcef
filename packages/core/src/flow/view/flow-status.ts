import type { Flow, FlowTask } from "../../domain/flow.ts";
import type { FlowDecision } from "../../domain/flow-decision.ts";
import type { Session } from "../../domain/session.ts";
import type { Amount } from "../../domain/spend.ts";
import type { Task } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { queueOf } from "../../store/flows/flow-row.ts";
import type { FlowCounts } from "../../store/ports/flows.ts";
import type { Store } from "../../store/store.ts";
import { type FlowTaskHold, whyItWaits } from "./why-it-waits.ts";

/** A flow with everything that is known of how it stands. */
export interface FlowStatus {
  readonly flow: Flow;
  readonly counts: FlowCounts;
  readonly spend: Amount & { readonly attempts: number };
  /** In the order of the plan. */
  readonly tasks: readonly FlowTaskStatus[];
  /** Questions that nobody has answered. */
  readonly decisions: readonly FlowDecision[];
}

export interface FlowTaskStatus extends FlowTask {
  /** Attempts that this round may have, and of those the number of the present or last one; null: it has ended. */
  readonly tries: { readonly number: number; readonly most: number } | null;
  /** When it came to its state; null: nobody wrote that down. */
  readonly since: Instant | null;
  /** Why it does not run; null: it does, or has ended. */
  readonly hold: FlowTaskHold | null;
}

/** What is known of the runtimes of this host. */
export interface WorkedBy {
  readonly isWorked: boolean;
  /** Why no runtime of this program runs this worker; null: it does. */
  readonly refuses: (worker: string) => Promise<string | null>;
}

/** Null: there is no such flow. Several looks at the store, so that a task may be a moment ahead of its flow. */
export async function readFlowStatus(
  store: Pick<Store, "flows" | "tasks" | "sessions">,
  flowId: string,
  by: WorkedBy & { readonly now: Instant },
): Promise<FlowStatus | null> {
  const flow = await store.flows.get(flowId);
  if (flow === null) return null;
  const queue = queueOf(flowId);
  const [tasks, decisions, counts, spend] = await Promise.all([
    store.flows.tasks(flowId),
    store.flows.decisions({ flowId, open: true }),
    store.flows.counts(flowId),
    store.flows.spend(flowId),
  ]);
  const isOver = flow.finishedAt !== null;
  const queued = isOver ? [] : await store.tasks.list({ queue, states: ["queued", "scheduled", "running"] });
  const sessions = isOver ? [] : await store.sessions.list({ profileId: queue, states: ["intended", "running"] });
  const held: ReadonlyMap<string, number> = isOver ? new Map() : await store.tasks.slotsHeld();
  const found: Found = {
    ...{ flow, held, by, refusals: await refusalsOf(tasks, by) },
    tasks: new Map(tasks.map((task) => [task.id, task])),
    judges: new Map(tasks.flatMap((task) => (task.spec.judges === null ? [] : [[task.spec.judges, task]]))),
    decisions: new Map(decisions.map((decision) => [decision.taskId, decision])),
    queued: new Map(queued.map((task) => [task.id, task])),
    sessions: new Map(sessions.map((session) => [session.taskId, session])),
  };
  return { flow, counts, spend, decisions, tasks: tasks.map((task) => statusOf(task, found)) };
}

interface Found {
  readonly flow: Flow;
  readonly tasks: ReadonlyMap<string, FlowTask>;
  readonly judges: ReadonlyMap<string, FlowTask>;
  readonly decisions: ReadonlyMap<string, FlowDecision>;
  readonly queued: ReadonlyMap<number, Task>;
  readonly sessions: ReadonlyMap<number, Session>;
  readonly held: ReadonlyMap<string, number>;
  readonly by: WorkedBy & { readonly now: Instant };
  readonly refusals: ReadonlyMap<string, string | null>;
}

async function refusalsOf(tasks: readonly FlowTask[], { refuses }: WorkedBy): Promise<Found["refusals"]> {
  const workers = new Set(tasks.filter(({ state }) => state === "queued").map(({ spec }) => spec.worker));
  const asked = [...workers].map(async (worker) => [worker, await refuses(worker)] as const);
  return new Map(await Promise.all(asked));
}

function statusOf(task: FlowTask, found: Found): FlowTaskStatus {
  const { flow, tasks, held, by } = found;
  const queued = found.queued.get(task.queueTaskId ?? -1);
  const isLive = task.state === "queued" || task.state === "running";
  const most = task.spec.retry.count + 1;
  return {
    ...task,
    tries: task.finishedAt === null ? { number: isLive ? (queued?.attempts ?? 0) : 0, most } : null,
    since: sinceOf(task, queued, found),
    hold: whyItWaits(task, {
      ...{ flow, tasks, now: by.now, isWorked: by.isWorked },
      judge: found.judges.get(task.id) ?? null,
      decision: found.decisions.get(task.id) ?? null,
      runAt: queued?.runAt ?? null,
      running: held.get(queueOf(flow.id)) ?? 0,
      inGroup: task.spec.group === null ? 0 : (held.get(`group:${task.spec.group}`) ?? 0),
      refusal: found.refusals.get(task.spec.worker) ?? null,
    }),
  };
}

function sinceOf(task: FlowTask, queued: Task | undefined, { flow, sessions, decisions }: Found): Instant | null {
  const session = sessions.get(task.queueTaskId ?? -1);
  switch (task.state) {
    case "waiting":
      return task.attempts === 0 ? flow.createdAt : null;
    case "queued":
      return queued?.updatedAt ?? null;
    case "running":
      return session?.startedAt ?? session?.intendedAt ?? null;
    case "asking":
      return decisions.get(task.id)?.askedAt ?? null;
    case "judging":
      return null;
    default:
      return task.finishedAt;
  }
}
