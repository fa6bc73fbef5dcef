import type { AttemptOutcome, Flow, FlowTask } from "../../domain/flow.ts";
import type { Ending } from "../../domain/session.ts";
import type { LeaseKey, Release } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import { type Conclusion, concludeAttempt } from "../../flow/settle/conclude-attempt.ts";
import { withoutTokens } from "../../profile/redaction.ts";
import { holderOf } from "../leases.ts";
import type { BegunTask, ConcludedTask, NextRequest } from "../ports/flows.ts";
import { releaseTask } from "../release-task.ts";
import { noteEnding } from "../session-steps.ts";
import { must, type Operation, one } from "../statement.ts";
import type { Lost } from "../store.ts";
import { beginTask } from "./begin-task.ts";
import { readFlow } from "./flow-row.ts";
import { readFacts, readFlowTask } from "./flow-task-row.ts";
import { settleFlow } from "./settle-flow.ts";

export function* concludeTask(
  lease: LeaseKey,
  sessionId: string,
  outcome: AttemptOutcome,
  ending: Ending | null,
  next: NextRequest | null,
  now: Instant,
): Operation<ConcludedTask | Lost> {
  const concluded = yield* conclude(lease, sessionId, outcome, ending, now);
  if (concluded === "lost") return "lost";
  const begun: BegunTask[] = [];
  for (const session of next?.sessions ?? []) {
    const one = yield* beginTask({ ...(next as NextRequest), session, flowId: concluded.flow.id }, now);
    if (one === null) break;
    begun.push(one);
  }
  return { ...concluded, begun };
}

function* conclude(
  lease: LeaseKey,
  sessionId: string,
  outcome: AttemptOutcome,
  ending: Ending | null,
  now: Instant,
): Operation<{ readonly task: FlowTask; readonly flow: Flow } | Lost> {
  const actor = yield* holderOf(lease);
  if (actor === undefined) return "lost";
  const at = yield* one<At>(
    `select t.flow_id as "flowId", t.id as "taskId", t.lost, q.attempts as tries,
        q.cancel_requested_at is not null as "isStopped"
       from flow_tasks t join tasks q on q.id = t.queue_task_id where t.queue_task_id = @taskId and t.state = 'running'`,
    { taskId: lease.taskId },
  );
  if (!at) throw new Error(`Task ${lease.taskId} of the queue is no running task of a flow`);
  const flow = yield* readFlow(at.flowId);
  const task = yield* readFlowTask(at.flowId, at.taskId);
  if (!flow || !task) throw new Error(`Flow ${at.flowId} has gone while its task ${at.taskId} runs`);
  yield* endOnce(sessionId, ending, now);
  const judges = task.spec.judges === null ? [] : [task.spec.judges];
  const facts = yield* readFacts(flow.id, [task.id, ...judges]);
  const own = facts.find(({ id }) => id === task.id);
  if (!own) throw new Error(`Task ${task.id} of flow ${flow.id} has gone`);
  const judged = facts.find(({ id }) => id === task.spec.judges) ?? null;
  const attempt = { outcome, retry: task.spec.retry, tries: at.tries, lost: at.lost, isStopped: at.isStopped === 1 };
  const conclusion = concludeAttempt(own, judged, attempt, { ending: flow.ending, now });
  const concludes = [{ sessionId, outcome: outcome.kind, evidence: null }];
  const released = yield* releaseTask(lease, releaseOf(conclusion, outcome), { actor, concludes }, now);
  if (released === "lost") throw new Error(`Task ${lease.taskId} was held and is lost in the same transaction`);
  const { first, isLost } = conclusion;
  const result = "result" in outcome ? outcome.result : undefined;
  const report = { isLost, summary: summaryOf(outcome), ...(result === undefined ? {} : { result }) };
  const reports = new Map([[task.id, report]]);
  yield* settleFlow({ flow, actor, now }, { first, tasks: facts, reports });
  const after = yield* readFlowTask(flow.id, task.id);
  return { task: after ?? task, flow: (yield* readFlow(flow.id)) ?? flow };
}

interface At {
  readonly flowId: string;
  readonly taskId: string;
  readonly lost: number;
  readonly tries: number;
  readonly isStopped: 0 | 1;
}

/** A wrapper may have said already how it ended; the first to say it is right. */
function* endOnce(sessionId: string, ending: Ending | null, now: Instant): Operation<void> {
  const { term, state } = yield* must<{ readonly term: number; readonly state: string }>(
    `select term, state from sessions where id = @sessionId`,
    { sessionId },
  );
  if (state !== "intended" && state !== "running") return;
  if (ending === null) throw new Error(`Session ${sessionId} is ${state} and cannot be concluded without its ending`);
  yield* noteEnding(sessionId, term, ending, undefined, now);
}

function releaseOf({ release, runAt, first }: Conclusion, outcome: AttemptOutcome): Release {
  const reason = first[0]?.step.reason ?? outcome.kind;
  const result = withoutTokens(summaryOf(outcome));
  switch (release) {
    case "succeeded":
      return { kind: "succeeded" };
    case "retry":
    case "snooze":
      return { kind: release, runAt, reason, result };
    case "dead":
    case "cancelled":
      return { kind: release, reason, result };
    default:
      throw new Error(`Unknown release: ${JSON.stringify(release satisfies never)}`);
  }
}

const summaryOf = (outcome: AttemptOutcome): string => ("summary" in outcome ? outcome.summary : "done");
