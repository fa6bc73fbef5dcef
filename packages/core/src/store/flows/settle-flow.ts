import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { flowTaskStates } from "../../domain/flow.ts";
import type { Json } from "../../domain/json.ts";
import { outputFolder } from "../../flow/context/output-folder.ts";
import type { NewMessage } from "../../flow/mailbox/message-bodies.ts";
import { isNews, type ToldTask, taskMessages } from "../../flow/mailbox/task-messages.ts";
import { endOfFlow } from "../../flow/settle/end-flow.ts";
import type { Ending, Facts, FactsWanted, NewDecision, Step, TaskFacts } from "../../flow/settle/facts.ts";
import type { Consequence } from "../../flow/settle/policy.ts";
import { settle } from "../../flow/settle/settle.ts";
import { jsonWithoutTokens, withoutTokens } from "../../profile/redaction.ts";
import type { FlowCounts } from "../ports/flows.ts";
import { all, count, must, type Operation } from "../statement.ts";
import { addMessages } from "./flow-messages.ts";
import { type FlowChange, isFlowOver } from "./flow-row.ts";
import { type FactRow, factColumns, factsFrom } from "./flow-task-row.ts";
import { type FlowEvent, logFlow } from "./log-flow.ts";
import { dequeueFlowTasks, enqueueFlowTasks, stopFlowTasks } from "./queue-flow-tasks.ts";

/** What is known of a task's end beside its state. */
export interface TaskReport {
  readonly summary?: string;
  readonly result?: Json;
  readonly isLost?: boolean;
}

export interface Cause {
  readonly first: readonly Consequence[];
  /** The tasks of these changes as they are. */
  readonly tasks: readonly TaskFacts[];
  readonly ending?: Ending | null;
  readonly reports?: ReadonlyMap<string, TaskReport>;
  /** Said before what follows. */
  readonly messages?: readonly NewMessage[];
}

/**
 * Saves changes of a flow's tasks with everything that follows from them: what begins, is skipped, is asked, and whether
 * the flow is over. The number of statements is the same for any number of tasks, but for each level of tasks that end
 * by it.
 */
export function* settleFlow(change: FlowChange, cause: Cause): Operation<void> {
  const { flow, now } = change;
  const settling = settle({ ending: flow.ending, now }, cause.tasks, cause.first, cause.ending ?? null);
  let answer = settling.next();
  while (!answer.done) answer = settling.next(yield* readBeside(flow.id, answer.value));
  const { steps, decisions, stops, ending } = answer.value;
  yield* saveSteps(change, steps, cause.reports ?? new Map());
  yield* stopFlowTasks(change, stops, ending?.reason ?? "cancelled");
  const asked = yield* askPeople(change, decisions, cause.reports ?? new Map(), steps);
  if (ending !== null) yield* noteEnding(change, ending);
  const told = [...(cause.messages ?? []), ...(yield* messagesOf(change, steps)), ...asked];
  const rest = yield* endIfOver({ ...change, flow: { ...flow, ...endingOf(ending) } }, steps);
  yield* addMessages(change, [...told, ...rest]);
}

const endingOf = (ending: Ending | null) => (ending === null ? {} : { ending: ending.kind, reason: ending.reason });

function* readBeside(flowId: string, wanted: FactsWanted): Operation<Facts> {
  if ("open" in wanted) {
    const rows = yield* all<FactRow>(
      `select ${factColumns} from flow_tasks where flow_id = @flowId and finished_at is null order by position`,
      { flowId },
    );
    return { tasks: rows.map(factsFrom), needs: [] };
  }
  const ids = JSON.stringify(wanted.beside);
  const needs = yield* all<Facts["needs"][number]>(
    `select task_id as "taskId", needs_id as "needsId" from json_each(@ids) w
       cross join flow_needs n on n.flow_id = @flowId and n.needs_id = w.value`,
    { flowId, ids },
  );
  const rows = yield* all<FactRow>(
    `select ${factColumns} from flow_tasks
      where rowid in (
        select t.rowid from json_each(@ids) w cross join flow_needs n on n.flow_id = @flowId and n.needs_id = w.value
            cross join flow_tasks t on t.flow_id = @flowId and t.id = n.task_id
        union select j.rowid from json_each(@ids) w cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value
            cross join flow_tasks j on j.flow_id = @flowId and j.id = t.judges)
      order by +position`,
    { flowId, ids },
  );
  return { tasks: rows.map(factsFrom), needs };
}

const isEnd = (state: string): boolean =>
  state === "succeeded" || state === "failed" || state === "skipped" || state === "cancelled";

/** A retry or a lost attempt: the task of the queue goes on. Everything else that is queued gets a new one. */
const isSameRound = (step: Step): boolean => step.from === "running" && step.state === "queued";

export function* saveSteps(
  change: FlowChange,
  steps: readonly Step[],
  reports: ReadonlyMap<string, TaskReport>,
): Operation<void> {
  if (steps.length === 0) return;
  const { flow, actor, now } = change;
  const left = steps.filter(({ from, state }) => from === "queued" && state !== "running");
  yield* dequeueFlowTasks(
    change,
    left.map(({ taskId }) => taskId),
    left[0]?.reason ?? "cancelled",
  );
  const begins = steps.filter((step) => step.state === "queued" && step.from !== "queued" && !isSameRound(step));
  const queued = yield* enqueueFlowTasks(
    change,
    begins.map(({ taskId, round, runAt }) => ({ taskId, round: round ?? null, runAt: runAt ?? now })),
  );
  const saved = yield* count(
    // Materialized and asked for twice, so that each task is looked up by its row: SQLite would go through the whole table.
    `with s(step, at) as materialized (
        select w.value, t.rowid from json_each(@steps) w
          cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value ->> 'taskId')
      update flow_tasks set state = s.step ->> 'state', reason = s.step ->> 'reason',
        summary = case when s.step ->> 'state' in ('queued', 'waiting') and s.step ->> 'from' <> 'running' then null
                       else coalesce(s.step ->> 'summary', summary) end,
        result = coalesce(s.step ->> 'result', result), feedback = coalesce(s.step ->> 'feedback', feedback),
        round = coalesce(s.step ->> 'round', round), unmet = coalesce(s.step ->> 'unmet', unmet),
        lost = lost + (s.step ->> 'lost'), is_tolerated = coalesce(s.step ->> 'isTolerated', is_tolerated),
        is_judged = coalesce(s.step ->> 'isJudged', is_judged),
        queue_task_id = coalesce(s.step ->> 'queueTaskId', queue_task_id), due_at = s.step ->> 'dueAt',
        finished_at = case when s.step ->> 'isEnd' then @now end
      from s where flow_tasks.rowid in (select at from s) and s.at = flow_tasks.rowid
        and +flow_tasks.state = s.step ->> 'from'`,
    {
      ...{ flowId: flow.id, now },
      steps: JSON.stringify(
        steps.map(({ runAt, ...step }) => {
          const { summary, result, isLost } = reports.get(step.taskId) ?? {};
          return {
            ...step,
            ...(step.feedback === undefined ? {} : { feedback: withoutTokens(step.feedback) }),
            ...(summary === undefined ? {} : { summary: withoutTokens(summary) }),
            ...(result === undefined ? {} : { result: JSON.stringify(jsonWithoutTokens(result)) }),
            lost: isLost ? 1 : 0,
            queueTaskId: queued.get(step.taskId) ?? null,
            dueAt: step.state === "queued" && runAt !== undefined && runAt > now ? runAt : null,
            isEnd: isEnd(step.state),
          };
        }),
      ),
    },
  );
  if (saved !== steps.length) {
    throw new Error(
      `Flow ${flow.id}: ${steps.length} changes were to be saved and ${saved} were: ${JSON.stringify(steps)}`,
    );
  }
  yield* voidDecisions(
    change,
    steps.filter(({ from, state }) => from === "asking" && state !== "asking"),
  );
  yield* logFlow(
    flow.id,
    steps.map((step) => eventOf(step, queued.get(step.taskId))),
    actor,
    now,
  );
}

const eventOf = ({ taskId, from, feedback: _feedback, ...step }: Step, queueTaskId: number | undefined): FlowEvent => ({
  kind: from === step.state ? "flow.task-changed" : `flow.task-${step.state}`,
  taskId,
  body: { ...step, ...(queueTaskId === undefined ? {} : { queueTaskId }) },
});

/** Nobody's answer is wanted any more. One that was answered is none of these. */
function* voidDecisions({ flow, now }: FlowChange, steps: readonly Step[]): Operation<void> {
  if (steps.length === 0) return;
  yield* count(
    `update flow_decisions set state = 'void', answered_at = @now
      where flow_id = @flowId and state = 'open' and task_id in (select value from json_each(@taskIds))`,
    { flowId: flow.id, taskIds: JSON.stringify(steps.map(({ taskId }) => taskId)), now },
  );
}

function* askPeople(
  { flow, actor, now }: FlowChange,
  decisions: readonly NewDecision[],
  reports: ReadonlyMap<string, TaskReport>,
  steps: readonly Step[],
): Operation<readonly NewMessage[]> {
  const messages: NewMessage[] = [];
  for (const decision of decisions) {
    // Of its own over all flows, and far enough from others that a slip of the pen names none.
    const ref = `d${randomBytes(5).toString("hex")}`;
    const step = steps.find(({ taskId }) => taskId === decision.taskId);
    const why = step?.feedback || reports.get(decision.taskId)?.summary || step?.reason || "";
    const question = withoutTokens(questionOf(decision, why));
    const { taskId, kind, fallback, expiresAt } = decision;
    yield* count(
      `insert into flow_decisions (ref, flow_id, task_id, kind, question, options, state, asked_at, expires_at, fallback)
       values (@ref, @flowId, @taskId, @kind, @question, @options, 'open', @now, @expiresAt, @fallback)`,
      {
        ...{ ref, flowId: flow.id, taskId, kind, question, now, expiresAt, fallback },
        options: JSON.stringify(decision.options),
      },
    );
    const body = { ref, question, options: [...decision.options], expiresAt, fallback };
    yield* logFlow(flow.id, [{ kind: "flow.decision-asked", taskId, body: { ...body, kind } }], actor, now);
    const said = {
      ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
      ...(fallback === null ? {} : { fallback }),
    };
    messages.push({ type: "DECISION_NEEDED", taskId, body: { ref, question, options: body.options, ...said } });
  }
  return messages;
}

const questionOf = ({ taskId, kind }: NewDecision, why: string): string =>
  kind === "failure" ? `Task ${taskId} failed: ${why}. What now?` : `The judge of task ${taskId} asks: ${why}`;

function* noteEnding({ flow, actor, now }: FlowChange, { kind, reason }: Ending): Operation<void> {
  yield* count(`update flows set ending = @kind, reason = @reason where id = @flowId`, {
    ...{ flowId: flow.id, kind, reason },
  });
  yield* logFlow(flow.id, [{ kind: "flow.ending", body: { ending: kind, reason } }], actor, now);
}

/** As the tasks are told of: after these changes were saved. */
function* messagesOf({ flow, now }: FlowChange, steps: readonly Step[]): Operation<readonly NewMessage[]> {
  const told = steps.filter(isNews);
  if (told.length === 0) return [];
  const rows = yield* all<ToldRow>(
    `select t.id, t.attempts, t.round, t.started_at as "startedAt", t.summary, t.result,
        t.attempt_folder as "attemptFolder", t.spec -> '$.outputs' as outputs
       from json_each(@ids) w cross join flow_tasks t on t.flow_id = @flowId and t.id = w.value`,
    { flowId: flow.id, ids: JSON.stringify(told.map(({ taskId }) => taskId)) },
  );
  return taskMessages(told, new Map(rows.map((row) => [row.id, toldFrom(row)])), now);
}

type ToldRow = Omit<ToldTask, "result" | "outputs"> & {
  readonly result: string;
  readonly outputs: string;
  readonly attemptFolder: string | null;
};

function toldFrom({ result, outputs, attemptFolder, ...row }: ToldRow): ToldTask {
  const names = attemptFolder === null ? [] : Object.keys(JSON.parse(outputs) as object);
  const kept = names.map((name) => [name, join(outputFolder(attemptFolder ?? ""), name)]);
  return { ...row, result: JSON.parse(result) as Json, outputs: Object.fromEntries(kept) };
}

/** The flow's last message, or how far it is each time another hundredth of it is over. */
function* endIfOver({ flow, actor, now }: FlowChange, steps: readonly Step[]): Operation<readonly NewMessage[]> {
  if (isFlowOver(flow)) return [];
  const counts = yield* countTasks(flow.id);
  const ended = counts.succeeded + counts.failed + counts.skipped + counts.cancelled;
  if (ended < counts.total) {
    const before = ended - steps.filter(({ state }) => isEnd(state)).length;
    const percent = (part: number) => Math.floor((100 * part) / counts.total);
    if (percent(ended) <= percent(before)) return [];
    const text = `${ended} of ${counts.total} tasks are over.`;
    return [{ type: "PROGRESS", taskId: null, body: { text, percent: percent(ended), counts } }];
  }
  const { hasFailed } = yield* must<{ readonly hasFailed: 0 | 1 }>(
    `select exists (select 1 from flow_tasks where flow_id = @flowId and state = 'failed' and is_tolerated = 0)
        as "hasFailed"`,
    { flowId: flow.id },
  );
  const end = endOfFlow({ ending: flow.ending, reason: flow.reason, hasFailed: hasFailed === 1 });
  yield* count(`update flows set state = @state, reason = @reason, finished_at = @now where id = @flowId`, {
    ...{ flowId: flow.id, now },
    ...end,
  });
  yield* logFlow(flow.id, [{ kind: "flow.ended", body: { ...end } }], actor, now);
  const why = end.reason === null ? {} : { reason: end.reason };
  const durationMs = Math.max(0, now - flow.createdAt);
  return [{ type: "ALL_DONE", taskId: null, body: { state: end.state, ...why, counts, durationMs } }];
}

export function* countTasks(flowId: string): Operation<FlowCounts> {
  const rows = yield* all<{ readonly state: keyof FlowCounts; readonly tasks: number }>(
    `select state, tasks from flow_counts where flow_id = @flowId`,
    { flowId },
  );
  const counts = Object.fromEntries(flowTaskStates.map((state) => [state, 0])) as Record<keyof FlowCounts, number>;
  let total = 0;
  for (const { state, tasks } of rows) {
    counts[state] = tasks;
    total += tasks;
  }
  return { ...counts, total };
}
