import type { Clock } from "../../ports.ts";
import type { Executor } from "../executor.ts";
import type { FlowStore } from "../ports/flows.ts";
import { addFlowTasks } from "./add-tasks.ts";
import { beginTask } from "./begin-task.ts";
import { pauseFlow, resumeFlow, stopFlow } from "./change-flow.ts";
import { cancelFlowTask, updateFlowTask } from "./change-task.ts";
import { concludeTask } from "./conclude-task.ts";
import { decide, expire, listDecisions } from "./decide.ts";
import { readMessages } from "./flow-messages.ts";
import { readFlow } from "./flow-row.ts";
import { readFlowTask } from "./flow-task-row.ts";
import { applyLine, markDone, noteCallback, readCursor, writeOut } from "./keeper.ts";
import {
  flowTaskOfQueue,
  isUnderWay,
  listEnded,
  listFlows,
  listFlowTasks,
  listNeeds,
  spendOfFlow,
  startable,
} from "./read-flows.ts";
import { retryFlowTask } from "./retry-task.ts";
import { countTasks } from "./settle-flow.ts";
import { shortenPauses } from "./shorten-pauses.ts";
import { submitFlow } from "./submit-flow.ts";

/** One transaction looks at so many at once. */
const defaultExpired = 100;

export function flowStore(executor: Executor, clock: Clock): FlowStore {
  return {
    submit: (plan, as) => executor.write(() => submitFlow(plan, as, clock.now())),
    get: (flowId) => executor.read(() => readFlow(flowId)),
    list: (filter) => executor.read(() => listFlows(filter)),
    tasks: (flowId, filter) => executor.read(() => listFlowTasks(flowId, filter)),
    ended: (flowId, limit) => executor.read(() => listEnded(flowId, limit)),
    task: (flowId, taskId) => executor.read(() => readFlowTask(flowId, taskId)),
    ofQueueTask: (queueTaskId) => executor.read(() => flowTaskOfQueue(queueTaskId)),
    needs: (flowId) => executor.read(() => listNeeds(flowId)),
    decisions: (filter) => executor.read(() => listDecisions(filter)),
    messages: (flowId, afterSeq, limit) => executor.read(() => readMessages(flowId, afterSeq, limit)),
    counts: (flowId) => executor.read(() => countTasks(flowId)),
    spend: (flowId) => executor.read(() => spendOfFlow(flowId)),
    // Two statements, which a transaction in between may set apart: it is only asked when to look again.
    isUnderWay: () => executor.read(isUnderWay),
    startable: (limit) => executor.read(() => startable(limit, clock.now())),
    begin: (request) => executor.write(() => beginTask(request, clock.now())),
    conclude: (lease, sessionId, outcome, ending, next) =>
      executor.writeTogether(() => concludeTask(lease, sessionId, outcome, ending, next ?? null, clock.now())),
    add: (flowId, tasks, actor) => executor.write(() => addFlowTasks(flowId, tasks, actor, clock.now())),
    update: (flowId, taskId, change, actor) =>
      executor.write(() => updateFlowTask(flowId, taskId, change, actor, clock.now())),
    cancelTask: (flowId, taskId, actor, reason = "cancelled") =>
      executor.write(() => cancelFlowTask(flowId, taskId, actor, reason, clock.now())),
    cancel: (flowId, actor) => executor.write(() => stopFlow(flowId, "now", actor, clock.now())),
    stop: (flowId, mode, actor) => executor.write(() => stopFlow(flowId, mode, actor, clock.now())),
    pause: (flowId, actor) => executor.write(() => pauseFlow(flowId, actor, clock.now())),
    resume: (flowId, actor) => executor.write(() => resumeFlow(flowId, actor, clock.now())),
    retryTask: (flowId, taskId, actor) => executor.write(() => retryFlowTask(flowId, taskId, actor, clock.now())),
    decide: (answer) => executor.write(() => decide(answer, clock.now())),
    expire: (limit = defaultExpired) => executor.write(() => expire(limit, clock.now())),
    shortenPauses: (actor) => executor.write(() => shortenPauses(actor, clock.now())),
    cursor: (flowId) => executor.read(() => readCursor(flowId)),
    applyLine: (keeper, line) => executor.write(() => applyLine(keeper, line, clock.now())),
    writeOut: (request) => executor.write(() => writeOut(request)),
    noteCallback: (keeper, flowId, note) => executor.write(() => noteCallback(keeper, flowId, note, clock.now())),
    markDone: (keeper, flowId) => executor.write(() => markDone(keeper, flowId, clock.now())),
  };
}
