import { type FlowDecision, flowDecisionStates } from "../../domain/flow-decision.ts";
import type { Instant } from "../../domain/time.ts";
import { answerDecision } from "../../flow/settle/answer-decision.ts";
import type { NewDecision } from "../../flow/settle/facts.ts";
import { withoutTokens } from "../../profile/redaction.ts";
import { ListQuery } from "../list-query.ts";
import type { FlowAnswer, FlowStore, GivenAnswer } from "../ports/flows.ts";
import { all, count, type Operation, one } from "../statement.ts";
import { readFacts } from "./flow-task-row.ts";
import { logFlow } from "./log-flow.ts";
import { applied, liveFlow, refused } from "./refuse.ts";
import { settleFlow } from "./settle-flow.ts";

const columns =
  'ref, flow_id as "flowId", task_id as "taskId", question, options, state, answer, answered_by as "answeredBy", ' +
  'asked_at as "askedAt", expires_at as "expiresAt", fallback, answered_at as "answeredAt"';

type DecisionRow = Omit<FlowDecision, "options"> & { readonly options: string };
type Kind = NewDecision["kind"];

/** Moves the one task that the decision holds, and nothing else. */
export function* decide(given: GivenAnswer, now: Instant): Operation<FlowAnswer> {
  const row = yield* one<DecisionRow & { readonly kind: Kind }>(
    `select ${columns}, kind from flow_decisions where ref = @ref`,
    { ref: given.ref },
  );
  if (!row) return refused("unknown-decision", `There is no decision ${given.ref}.`);
  const { ref, flowId, taskId } = row;
  if (given.flowId !== null && given.flowId !== flowId) {
    return refused("foreign-decision", `Decision ${ref} is not one of flow ${given.flowId}.`);
  }
  const late = lateness(row);
  if (late) return late;
  const options = JSON.parse(row.options) as readonly string[];
  if (!options.includes(given.answer)) {
    const said = JSON.stringify(given.answer);
    return refused("unknown-answer", `Decision ${ref} cannot be answered ${said}: one of ${options.join(", ")}.`);
  }
  return yield* settleAnswer({ ref, flowId, taskId, kind: row.kind }, given, "answered", now);
}

function lateness({ ref, state, answer, answeredBy }: DecisionRow): FlowAnswer | null {
  switch (state) {
    case "open":
      return null;
    case "answered":
      return refused("already-answered", `Decision ${ref} was answered already: ${answer}, by ${answeredBy}.`);
    case "expired":
      return refused("decision-expired", `Decision ${ref} was not answered in time: it was taken as ${answer}.`);
    case "void":
      return refused("decision-void", `Decision ${ref} holds nothing any more: its task went on or ended without it.`);
    default:
      throw new Error(`Unknown state ${JSON.stringify(state satisfies never)}, not one of ${flowDecisionStates}`);
  }
}

function* settleAnswer(
  decision: Pick<FlowDecision, "ref" | "flowId" | "taskId"> & { readonly kind: Kind },
  { answer, by, comment = null }: Pick<GivenAnswer, "answer" | "by" | "comment">,
  state: "answered" | "expired",
  now: Instant,
): Operation<FlowAnswer> {
  const { ref, flowId, taskId, kind } = decision;
  const flow = yield* liveFlow(flowId);
  if ("kind" in flow) return flow;
  const [task] = yield* readFacts(flowId, [taskId]);
  if (task?.state !== "asking") throw new Error(`Decision ${ref} is open and task ${taskId} is ${task?.state}`);
  yield* count(
    `update flow_decisions set state = @state, answer = @answer, answered_by = @by, answered_at = @now where ref = @ref`,
    { ref, state, answer, by, now },
  );
  const event = { kind: `flow.decision-${state}`, taskId, body: { ref, answer, by, state } };
  yield* logFlow(flowId, [event], by, now);
  const { step, ...others } = answerDecision(task, kind, answer, { ending: flow.ending, now });
  const feedback = comment === null ? {} : { feedback: withoutTokens(comment) };
  yield* settleFlow(
    { flow, actor: by, now },
    { first: [{ ...others, step: { ...step, ...feedback } }], tasks: [task] },
  );
  return applied;
}

const deadline = { kind: "fail", reason: "deadline", stopsRunning: true } as const;

/** Whoever looks first does it; the next one finds nothing. */
export function* expire(
  limit: number,
  now: Instant,
): Operation<{ readonly decisions: number; readonly flows: number }> {
  const late = yield* all<DecisionRow & { readonly kind: Kind; readonly fallback: string }>(
    `select ${columns}, kind from flow_decisions
      where state = 'open' and expires_at is not null and expires_at <= @now order by expires_at limit @limit`,
    { now, limit },
  );
  let decisions = 0;
  for (const { ref, flowId, taskId, kind, fallback } of late) {
    // An earlier one of the same flow may have ended it.
    const still = yield* one(`select 1 from flow_decisions where ref = @ref and state = 'open'`, { ref });
    if (!still) continue;
    yield* settleAnswer({ ref, flowId, taskId, kind }, { answer: fallback, by: "expiry" }, "expired", now);
    decisions += 1;
  }
  const over = yield* all<{ readonly id: string }>(
    `select id from flows where deadline_at is not null and deadline_at <= @now and finished_at is null
        and ending is null order by deadline_at limit @limit`,
    { now, limit },
  );
  for (const { id } of over) {
    const flow = yield* liveFlow(id);
    if (!("kind" in flow)) {
      yield* settleFlow({ flow, actor: "deadline", now }, { first: [], tasks: [], ending: deadline });
    }
  }
  return { decisions, flows: over.length };
}

export function* listDecisions(filter: Parameters<FlowStore["decisions"]>[0]): Operation<readonly FlowDecision[]> {
  const query = new ListQuery()
    .when("flow_id = @flowId", "flowId", filter.flowId)
    .when("ref = @ref", "ref", filter.ref);
  if (filter.open) query.and("state = 'open'");
  const from = { columns, table: "flow_decisions", order: ["asked_at", "ref"], keep: "oldest" } as const;
  const rows = yield* query.rows<DecisionRow>(from);
  return rows.map((row) => ({ ...row, options: JSON.parse(row.options) as readonly string[] }));
}
