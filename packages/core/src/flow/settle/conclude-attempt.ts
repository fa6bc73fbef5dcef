import type { AttemptOutcome } from "../../domain/flow.ts";
import type { FlowRetry } from "../../domain/flow-plan.ts";
import type { Instant } from "../../domain/time.ts";
import type { FlowFacts, TaskFacts } from "./facts.ts";
import { type Consequence, failTask } from "./policy.ts";
import { takeVerdict } from "./take-verdict.ts";

/** Attempts of a task that may be lost without counting as its failure. */
const mostLost = 3;

export interface EndedAttempt {
  readonly outcome: AttemptOutcome;
  readonly retry: FlowRetry;
  /** Attempts of this round that count, this one included. */
  readonly tries: number;
  /** Attempts that were lost before. */
  readonly lost: number;
  /** Somebody asked the task to stop. */
  readonly isStopped: boolean;
}

export interface Conclusion {
  /** How the task of the queue is given back. */
  readonly release: "succeeded" | "retry" | "snooze" | "dead" | "cancelled";
  readonly runAt: Instant;
  readonly isLost: boolean;
  readonly first: readonly Consequence[];
}

/** Pure. What the end of an attempt is for its task, and for the work that it judges. */
export function concludeAttempt(
  task: TaskFacts,
  judged: TaskFacts | null,
  ended: EndedAttempt,
  flow: FlowFacts,
): Conclusion {
  const { outcome } = ended;
  const over = { runAt: flow.now, isLost: false };
  switch (outcome.kind) {
    case "done":
      if (task.judges === null) {
        const state = task.judge === null ? "succeeded" : "judging";
        return { ...over, release: "succeeded", first: [to(task, state, null)] };
      }
      if (!outcome.verdict) return failed(task, "no-verdict", false, ended, flow);
      return { ...over, release: "succeeded", first: takeVerdict(task, judged, outcome.verdict, flow) };
    case "failed":
      return failed(task, outcome.reason, outcome.isFinal, ended, flow);
    case "cancelled":
      return cancelled(task, flow);
    case "lost":
    case "interrupted":
      return { ...vanished(task, ended, flow), isLost: outcome.kind === "lost" };
    default:
      throw new Error(`Unknown outcome: ${JSON.stringify(outcome satisfies never)}`);
  }
}

function failed(task: TaskFacts, reason: string, isFinal: boolean, ended: EndedAttempt, flow: FlowFacts): Conclusion {
  if (ended.isStopped) return cancelled(task, flow);
  const over = { isLost: false, runAt: flow.now };
  if (isFinal || ended.tries > ended.retry.count || flow.ending !== null) {
    return { ...over, release: "dead", first: [failTask(task, reason, flow)] };
  }
  const runAt = flow.now + backoffMs(ended.retry, ended.tries);
  const again: Consequence = { step: { taskId: task.id, from: task.state, state: "queued", reason, runAt } };
  return { ...over, release: "retry", runAt, first: [again] };
}

function vanished(task: TaskFacts, ended: EndedAttempt, flow: FlowFacts): Conclusion {
  if (ended.isStopped || flow.ending !== null) return cancelled(task, flow);
  const { outcome } = ended;
  if (outcome.kind === "lost" && ended.lost >= mostLost) {
    return { isLost: false, runAt: flow.now, release: "dead", first: [failTask(task, "lost", flow)] };
  }
  const { reason = outcome.kind, notBefore = flow.now } = outcome.kind === "interrupted" ? outcome : {};
  const runAt = Math.max(flow.now, notBefore);
  const step = { taskId: task.id, from: task.state, state: "queued", reason, runAt } as const;
  return { isLost: false, runAt, release: "snooze", first: [{ step }] };
}

function cancelled(task: TaskFacts, flow: FlowFacts): Conclusion {
  const isTolerated = flow.ending === null && task.onFail === "continue";
  const step = { taskId: task.id, from: task.state, state: "cancelled", reason: "cancelled", isTolerated } as const;
  return { release: "cancelled", runAt: flow.now, isLost: false, first: [{ step }] };
}

const to = (task: TaskFacts, state: "succeeded" | "judging", reason: string | null): Consequence => ({
  step: { taskId: task.id, from: task.state, state, reason, isTolerated: false, isJudged: false },
});

/** Before the retry that follows try number `tries`. */
export function backoffMs({ backoffMs: first, factor, maxMs }: FlowRetry, tries: number): number {
  return Math.round(Math.min(maxMs, first * factor ** Math.max(0, tries - 1)));
}
