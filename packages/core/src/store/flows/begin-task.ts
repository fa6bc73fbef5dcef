import { join } from "node:path";
import type { Flow, FlowTask } from "../../domain/flow.ts";
import type { Instant } from "../../domain/time.ts";
import type { Ending } from "../../flow/settle/facts.ts";
import { withoutTokens } from "../../profile/redaction.ts";
import { claimTask } from "../claim-task.ts";
import { isAnyFull } from "../held-slots.ts";
import type { BeginRequest, BegunTask, TaskWaits } from "../ports/flows.ts";
import { intendSession } from "../session-steps.ts";
import { microsOf } from "../spend-of-session.ts";
import { all, count, must, type Operation, one } from "../statement.ts";
import { addMessages } from "./flow-messages.ts";
import { type FlowRow, flowColumns, flowFrom, flowTaskLane, queueOf } from "./flow-row.ts";
import { type FlowTaskRow, flowTaskColumns, flowTaskFrom } from "./flow-task-row.ts";
import { logFlow } from "./log-flow.ts";
import { settleFlow } from "./settle-flow.ts";

/** How many retries one begin finds due; bounds its cost when very many come due at once. */
const promotedPerBegin = 64;

interface Spent {
  readonly attempts: number;
  readonly tokens: number;
  readonly micros: number;
}

export function* beginTask(request: BeginRequest, now: Instant): Operation<BegunTask | null> {
  const row = yield* one<FlowRow & Spent>(
    `select ${flowColumns}, attempts, spent_tokens as tokens, spent_micros as micros from flows
      where id = @flowId and state = 'running' and ending is null`,
    { flowId: request.flowId },
  );
  if (!row) return null;
  const { attempts, tokens, micros, ...rest } = row;
  const flow = flowFrom(rest);
  // First, because it is so each time that a flow has begun as much as it may.
  if (yield* isAnyFull([{ slot: queueOf(flow.id), max: flow.plan.parallelism }])) return null;
  yield* promoteDue(flow.id, now);
  let candidates = yield* firstOfEachKind(flow, request.exceptWorkers ?? []);
  const first = candidates[0];
  if (first === undefined || request.only?.includes(flowTaskFrom(first).spec.worker) === false) return null;
  const ending = whyEnds(flow, { attempts, tokens, micros }, now);
  if (ending !== null) {
    yield* settleFlow({ flow, actor: request.owner, now }, { first: [], tasks: [], ending });
    return null;
  }
  for (let looks = 0; looks < mostPutOff; looks += 1) {
    let isPutOff = false;
    for (const candidate of candidates) {
      const begun = yield* beginThis(flow, candidate, request, now);
      if (begun === "put-off") isPutOff = true;
      else if (begun !== null) return begun;
    }
    // What stood behind a task that waits for a time of its own is looked at now.
    if (!isPutOff) return null;
    candidates = yield* firstOfEachKind(flow, request.exceptWorkers ?? []);
  }
  return null;
}

/** Tasks of one kind that one begin puts off; the next goes on. */
const mostPutOff = 16;

/** Asked only when something would begin: a budget that was spent to the end is no failure of what it was enough for. */
function whyEnds({ plan, deadlineAt }: Flow, spent: Spent, now: Instant): Ending | null {
  const { usd, tokens, attempts } = plan.budget;
  if (deadlineAt !== null && deadlineAt <= now) return { kind: "fail", reason: "deadline", stopsRunning: true };
  const isUsedUp =
    (attempts !== null && spent.attempts >= attempts) ||
    (tokens !== null && spent.tokens >= tokens) ||
    (usd !== null && spent.micros >= microsOf(usd));
  return isUsedUp ? { kind: "fail", reason: "budget", stopsRunning: false } : null;
}

/** Told once: it is looked at again and again. */
function* noteWaiting(
  flow: Flow,
  { id: taskId, reason, summary }: FlowTask,
  waits: NonNullable<TaskWaits["waits"]>,
  { actor, now }: { readonly actor: string; readonly now: Instant },
): Operation<void> {
  const why = { reason: waits.reason, summary: withoutTokens(waits.summary) };
  const isKnown = reason === why.reason && summary === why.summary;
  if (isKnown && waits.until === null) return;
  yield* count(
    `update flow_tasks set reason = @reason, summary = @summary, due_at = @until
      where flow_id = @flowId and id = @taskId and state = 'queued'`,
    { flowId: flow.id, taskId, ...why, until: waits.until },
  );
  if (isKnown) return;
  yield* logFlow(flow.id, [{ kind: "flow.task-changed", taskId, body: { state: "queued", ...why } }], actor, now);
  const body = { text: why.summary, state: "queued", reason: why.reason } as const;
  yield* addMessages({ flow, actor, now }, [{ type: "PROGRESS", taskId, body }]);
}

function* promoteDue(flowId: string, now: Instant): Operation<void> {
  yield* count(
    `update flow_tasks set due_at = null where rowid in
       (select rowid from flow_tasks where flow_id = @flowId and state = 'queued' and due_at <= @now
         order by due_at limit ${promotedPerBegin})`,
    { flowId, now },
  );
}

const mayBegin = "flow_id = @flowId and state = 'queued' and due_at is null";

/**
 * Of each worker and group the first by priority and place, in that order. Each is one look into an index, so that the
 * cost grows with the kinds there are and not with the tasks. A group that is full is left out; the claim counts again.
 */
function* firstOfEachKind(flow: Flow, exceptWorkers: readonly string[]): Operation<readonly FlowTaskRow[]> {
  return yield* all<FlowTaskRow>(
    `with recursive kinds (worker, group_name) as (
        select * from (select worker, group_name from flow_tasks where ${mayBegin} order by worker, group_name limit 1)
        union all
        select t.worker, t.group_name from kinds join flow_tasks t on t.rowid = (
          select rowid from flow_tasks where ${mayBegin}
              and (worker, group_name) > (kinds.worker, kinds.group_name)
            order by worker, group_name limit 1)
      )
      select ${flowTaskColumns} from flow_tasks where rowid in (
        select (select rowid from flow_tasks where ${mayBegin} and worker = kinds.worker
                    and group_name = kinds.group_name
                  order by priority desc, position limit 1)
          from kinds where kinds.worker not in (select value from json_each(@exceptWorkers)))
      order by priority desc, position`,
    { flowId: flow.id, exceptWorkers: JSON.stringify(exceptWorkers) },
  );
}

function* beginThis(
  flow: Flow,
  candidate: FlowTaskRow,
  { owner, leaseMs, session, slots = [], within = [], takes }: BeginRequest,
  now: Instant,
): Operation<BegunTask | "put-off" | null> {
  const task = flowTaskFrom(candidate);
  if (task.queueTaskId === null) throw new Error(`Task ${task.id} of flow ${flow.id} is queued and not in the queue`);
  const own = takes?.(task, flow) ?? {};
  if ("waits" in own) {
    if (own.waits === null) return null;
    yield* noteWaiting(flow, task, own.waits, { actor: owner, now });
    return own.waits.until !== null && own.waits.until > now ? "put-off" : null;
  }
  const { group } = task.spec;
  const places = group === null ? [] : [{ slot: `group:${group}`, max: flow.plan.concurrency[group] ?? 1 }];
  const claim = yield* claimTask(
    {
      ...{ queues: [], taskId: task.queueTaskId, owner, leaseMs },
      slots: [queueOf(flow.id), ...places.map(({ slot }) => slot), ...slots, ...(own.slots ?? [])],
      within: [...places, ...within, ...(own.within ?? [])],
    },
    now,
  );
  if (claim === null) return null;
  const attempt = task.attempts + 1;
  const folder = join(flow.folder, "tasks", task.id, String(attempt));
  const { worktreePath = "", branch = "", startSha = "", ...more } = { ...session, ...own.session };
  const intended = yield* intendSession(
    claim.lease,
    {
      ...{ model: task.spec.model, ...more, worktreePath, branch, startSha },
      ...{ profileId: queueOf(flow.id), attempt, kind: "agent", subject: task.id, lane: flowTaskLane },
      ...{ backend: task.spec.worker, runDir: folder },
    },
    now,
  );
  if (intended === "lost") throw new Error(`Task ${task.id} of flow ${flow.id} was claimed and is not held`);
  const begun = yield* must<FlowTaskRow>(
    `update flow_tasks set state = 'running', reason = null, attempts = @attempt, attempt_folder = @folder,
        started_at = coalesce(started_at, @now), summary = null
      where flow_id = @flowId and id = @taskId and state = 'queued' returning ${flowTaskColumns}`,
    { flowId: flow.id, taskId: task.id, attempt, folder, now },
  );
  yield* count(`update flows set attempts = attempts + 1 where id = @flowId`, { flowId: flow.id });
  const body = { attempt, round: task.round, worker: task.spec.worker, folder, session: intended.id };
  const event = { kind: "flow.task-running", taskId: task.id, body: { ...body, state: "running" } };
  yield* logFlow(flow.id, [event], owner, now);
  yield* addMessages({ flow, actor: owner, now }, [{ type: "TASK_STARTED", taskId: task.id, body }]);
  const counted = { ...flow, revision: flow.revision + 1 };
  return {
    flow: counted,
    task: flowTaskFrom(begun),
    lease: claim.lease,
    session: intended,
    tries: claim.task.attempts,
  };
}
