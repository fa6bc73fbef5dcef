import type { FlowTask } from "../../domain/flow.ts";
import type { FlowTaskChange } from "../../domain/flow-mailbox.ts";
import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Instant } from "../../domain/time.ts";
import { judgeIdOf } from "../../flow/plan/bounds.ts";
import { isOver, type Step, type TaskFacts } from "../../flow/settle/facts.ts";
import type { FlowAnswer } from "../ports/flows.ts";
import { count, must, type Operation, one } from "../statement.ts";
import { type TaskRow, taskColumns, taskFrom } from "../task-row.ts";
import { addMessages } from "./flow-messages.ts";
import type { FlowChange } from "./flow-row.ts";
import { readFacts, readFlowTask, specColumns } from "./flow-task-row.ts";
import { logFlow } from "./log-flow.ts";
import { stopFlowTasks } from "./queue-flow-tasks.ts";
import { applied, growingFlow, liveFlow, refused } from "./refuse.ts";
import { settleFlow } from "./settle-flow.ts";

/** Running: its holder is asked to stop, and concludes it. */
export function* cancelFlowTask(
  flowId: string,
  taskId: string,
  actor: string,
  reason: string,
  now: Instant,
): Operation<FlowAnswer> {
  const flow = yield* liveFlow(flowId);
  if ("kind" in flow) return flow;
  const [task] = yield* readFacts(flowId, [taskId]);
  if (!task) return refused("unknown-task", `Flow ${flowId} has no task ${taskId}.`);
  if (isOver(task)) return refused("task-over", `Task ${taskId} of flow ${flowId} is over: ${task.state}.`);
  const change: FlowChange = { flow, actor, now };
  if (task.state === "running") {
    yield* stopFlowTasks(change, [taskId], reason);
    yield* addMessages(change, []);
  } else {
    yield* settleFlow(change, { first: [{ step: cancelledStep(task, reason) }], tasks: [task] });
  }
  return applied;
}

const cancelledStep = (task: TaskFacts, reason: string): Step => ({
  ...{ taskId: task.id, from: task.state, reason },
  state: "cancelled",
  isTolerated: task.onFail === "continue",
});

export function* updateFlowTask(
  flowId: string,
  taskId: string,
  wanted: FlowTaskChange,
  actor: string,
  now: Instant,
): Operation<FlowAnswer> {
  const flow = yield* growingFlow(flowId);
  if ("kind" in flow) return flow;
  const task = yield* readFlowTask(flowId, taskId);
  if (!task) return refused("unknown-task", `Flow ${flowId} has no task ${taskId}.`);
  if (task.attempts > 0 || (task.state !== "waiting" && task.state !== "queued")) {
    return refused("task-begun", `Task ${taskId} of flow ${flowId} has begun or is over (${task.state}).`);
  }
  const { id, dependsOn, judges } = task.spec;
  yield* saveSpec(task, { ...task.spec, ...wanted, id, dependsOn, judges }, { flow, actor, now });
  const judge = yield* readFlowTask(flowId, judgeIdOf(taskId));
  if (judge?.spec.judges === taskId) {
    // It runs where the work that it was given to is done, and begins before other work as that does.
    const { cwd, priority } = { ...task.spec, ...wanted };
    const isAsIt = judge.spec.cwd === task.spec.cwd;
    yield* saveSpec(judge, { ...judge.spec, priority, cwd: isAsIt ? cwd : judge.spec.cwd }, { flow, actor, now });
  }
  yield* addMessages({ flow, actor, now }, []);
  return applied;
}

function* saveSpec(task: FlowTask, spec: FlowTaskSpec, { flow, actor, now }: FlowChange): Operation<void> {
  if (JSON.stringify(spec) === JSON.stringify(task.spec)) return;
  const { flowId, id: taskId } = task;
  yield* count(
    `update flow_tasks set spec = @spec, worker = @worker, group_name = @group, priority = @priority,
        on_fail = @onFail, judges = @judges, rounds = @rounds, ask = @ask
      where flow_id = @flowId and id = @taskId`,
    { flowId, taskId, ...specColumns(spec) },
  );
  if (task.queueTaskId !== null) yield* updateQueueTask(task.queueTaskId, spec, { flow, actor, now });
  const event = { kind: "flow.task-updated", taskId, body: { spec: JSON.parse(JSON.stringify(spec)) } };
  yield* logFlow(flowId, [event], actor, now);
}

function* updateQueueTask(taskId: number, spec: FlowTaskSpec, { flow, actor, now }: FlowChange): Operation<void> {
  const row = yield* must<TaskRow>(
    `update tasks set priority = @priority, max_attempts = @maxAttempts, updated_at = @now where id = @taskId
     returning ${taskColumns}`,
    { taskId, priority: spec.priority, maxAttempts: spec.retry.count + 1, now },
  );
  const { state, priority, maxAttempts, runAt, payload, term, subject } = taskFrom(row);
  const body = { state, priority, maxAttempts, runAt, payload };
  yield* logFlow(flow.id, [{ kind: "task.updated", taskId: subject, queueTaskId: taskId, term, body }], actor, now);
}

/** The flow's task that waits or runs as this task of the queue; undefined: none does. */
export function* flowTaskOf(
  queueTaskId: number,
): Operation<{ readonly flowId: string; readonly taskId: string } | undefined> {
  return yield* one(
    `select flow_id as "flowId", id as "taskId" from flow_tasks
      where queue_task_id = @queueTaskId and state in ('queued', 'running')`,
    { queueTaskId },
  );
}
