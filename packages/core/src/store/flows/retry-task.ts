import type { Flow } from "../../domain/flow.ts";
import type { Instant } from "../../domain/time.ts";
import { isOver, type TaskFacts } from "../../flow/settle/facts.ts";
import { reopen } from "../../flow/settle/reopen.ts";
import type { FlowAnswer } from "../ports/flows.ts";
import { all, count, must, type Operation } from "../statement.ts";
import { addMessages } from "./flow-messages.ts";
import { type FlowChange, type FlowRow, flowColumns, flowFrom, isFlowOver, readFlow } from "./flow-row.ts";
import { readFacts } from "./flow-task-row.ts";
import { logFlow } from "./log-flow.ts";
import { applied, refused } from "./refuse.ts";
import { saveSteps } from "./settle-flow.ts";
import { keepFlow } from "./submit-flow.ts";

export function* retryFlowTask(flowId: string, taskId: string, actor: string, now: Instant): Operation<FlowAnswer> {
  const flow = yield* readFlow(flowId);
  if (!flow) return refused("unknown-flow", `There is no flow ${flowId}.`);
  if (!isFlowOver(flow) && flow.ending !== null) {
    return refused("flow-ending", `Flow ${flowId} is about to end: retry the task when it has ended.`);
  }
  const [task] = yield* readFacts(flowId, [taskId]);
  if (!task) return refused("unknown-task", `Flow ${flowId} has no task ${taskId}.`);
  // Who judges speaks about work that is done: the work is what is done again.
  const target = task.judges !== null && isOver(task) ? ((yield* readFacts(flowId, [task.judges]))[0] ?? task) : task;
  const no = whyNot(flow, target);
  if (no) return no;
  const candidates = yield* candidatesFor(flow, target);
  const needs = yield* needsAround(flowId, candidates);
  const named = new Set([...candidates, ...needs.flatMap((need) => [need.taskId, need.needsId])]);
  const facts = new Map((yield* readFacts(flowId, [...named])).map((each) => [each.id, each]));
  const { steps, blockedBy } = reopen(target.id, candidates, facts, needs);
  if (blockedBy !== null) {
    return refused("needs-failed", `Task ${target.id} needs ${blockedBy}, which did not succeed: retry that one.`);
  }
  const open = isFlowOver(flow) ? yield* reopenFlow(flow, actor, now) : flow;
  const change: FlowChange = { flow: open, actor, now };
  yield* saveSteps(change, steps, new Map());
  yield* count(
    `update flow_tasks set lost = 0 where flow_id = @flowId and lost > 0
        and id in (select value from json_each(@ids))`,
    { flowId, ids: JSON.stringify(steps.map((step) => step.taskId)) },
  );
  const more = steps.length === 1 ? "" : `, and ${steps.length - 1} that ended because of it`;
  const body = { text: `It is done again, as ${actor} wants it${more}.`, state: "retried" } as const;
  yield* addMessages(change, [{ type: "PROGRESS", taskId: target.id, body }]);
  return applied;
}

function whyNot({ id }: Flow, task: TaskFacts): FlowAnswer | null {
  if (!isOver(task)) return refused("task-not-over", `Task ${task.id} of flow ${id} has not ended: ${task.state}.`);
  if (task.state === "succeeded") return refused("task-over", `Task ${task.id} of flow ${id} succeeded.`);
  if (task.isTolerated) {
    return refused("task-tolerated", `Task ${task.id} of flow ${id} was left as it is, and what needs it went on.`);
  }
  return null;
}

/** It, what ended because of it or with the flow, and of all these the judges and what they judge. */
function* candidatesFor({ id, ending }: Flow, target: TaskFacts): Operation<readonly string[]> {
  const rows = yield* all<{ readonly id: string }>(
    `with recursive again(id) as (
        select @target
        union
        select t.id from again join flow_needs n on n.flow_id = @flowId and n.needs_id = again.id
            join flow_tasks t on t.flow_id = @flowId and t.id = n.task_id
          where t.judges = n.needs_id or (t.is_tolerated = 0 and (t.state = 'skipped'
            or (t.state = 'cancelled' and t.reason in ('flow-cancelled', 'flow-ending', 'not-judged'))))
        union
        select w.id from again join flow_tasks j on j.flow_id = @flowId and j.id = again.id
            join flow_tasks w on w.flow_id = @flowId and w.id = j.judges
          where w.is_tolerated = 0 and w.state in ('failed', 'skipped', 'cancelled')
      )
      select id from again
      union select id from flow_tasks where @isFailed = 1 and flow_id = @flowId and state = 'cancelled'
        and is_tolerated = 0 and reason = 'flow-ending'`,
    { flowId: id, target: target.id, isFailed: ending === "fail" ? 1 : 0 },
  );
  return rows.map((row) => row.id);
}

function* needsAround(
  flowId: string,
  candidates: readonly string[],
): Operation<readonly { readonly taskId: string; readonly needsId: string }[]> {
  return yield* all(
    `with asked as (select value as id from json_each(@ids)),
        concerned as (select id from asked union
          select n.task_id from asked join flow_needs n on n.flow_id = @flowId and n.needs_id = asked.id)
      select n.task_id as "taskId", n.needs_id as "needsId" from concerned
        join flow_needs n on n.flow_id = @flowId and n.task_id = concerned.id
        order by n.task_id, n.needs_id`,
    { flowId, ids: JSON.stringify(candidates) },
  );
}

/** Its deadline is counted anew; somebody keeps it again. */
function* reopenFlow(flow: Flow, actor: string, now: Instant): Operation<Flow> {
  const { deadlineMs } = flow.plan;
  const row = yield* must<FlowRow>(
    `update flows set state = 'running', ending = null, reason = null, finished_at = null, callback = null,
        deadline_at = @deadlineAt
      where id = @flowId returning ${flowColumns}`,
    { flowId: flow.id, deadlineAt: deadlineMs === null ? null : now + deadlineMs },
  );
  const open = flowFrom(row);
  const body = { state: "running", deadlineAt: open.deadlineAt };
  yield* logFlow(flow.id, [{ kind: "flow.reopened", body }], actor, now);
  yield* keepFlow({ flow: open, actor, now });
  return open;
}
