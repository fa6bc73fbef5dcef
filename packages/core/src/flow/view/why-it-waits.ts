import { type Flow, type FlowTask, flowWaitReasons } from "../../domain/flow.ts";
import type { FlowDecision } from "../../domain/flow-decision.ts";
import type { Instant } from "../../domain/time.ts";

/** Why a task of a flow does not run, and what ends that. */
export interface FlowTaskHold {
  readonly code: FlowHoldCode;
  /** One line for people. */
  readonly text: string;
  /** When it is over by itself; null: nobody knows. */
  readonly until: Instant | null;
  /** Tasks it waits for. */
  readonly needs: readonly string[];
  /** The question that holds it. */
  readonly ref: string | null;
  /** What a person can do about it. */
  readonly command: string | null;
}

export const flowHoldCodes = [
  "needs",
  "judge",
  "asked",
  "backoff",
  "flow-ending",
  "flow-paused",
  "no-runtime",
  "worker-refused",
  "worker-waits",
  "group-full",
  "parallelism",
  "next",
] as const;
export type FlowHoldCode = (typeof flowHoldCodes)[number];

export interface HoldFacts {
  readonly flow: Flow;
  /** Of the same flow, by id. */
  readonly tasks: ReadonlyMap<string, FlowTask>;
  /** Its judge, where it has one. */
  readonly judge: FlowTask | null;
  readonly decision: FlowDecision | null;
  /** Of a queued task: not before. */
  readonly runAt: Instant | null;
  readonly running: number;
  /** Places of its group that are taken, over all flows. */
  readonly inGroup: number;
  /** A runtime of this host is alive. */
  readonly isWorked: boolean;
  /** Why no runtime here runs its worker; null: one does, or nothing is known. */
  readonly refusal: string | null;
  readonly now: Instant;
}

/** Pure. Null: it runs, or has ended. */
export function whyItWaits(task: FlowTask, facts: HoldFacts): FlowTaskHold | null {
  switch (task.state) {
    case "waiting":
      return waitsForNeeds(task, facts);
    case "queued":
      return waitsForTurn(task, facts);
    case "judging":
      return waitsForJudge(facts);
    case "asking":
      return waitsForPerson(facts);
    default:
      return null;
  }
}

const hold = (code: FlowHoldCode, text: string, more: Partial<FlowTaskHold> = {}): FlowTaskHold => ({
  ...{ code, text, until: null, needs: [], ref: null, command: null },
  ...more,
});

const mostNamed = 5;
const named = (ids: readonly string[]): string =>
  ids.length <= mostNamed ? ids.join(", ") : `${ids.slice(0, mostNamed).join(", ")} and ${ids.length - mostNamed} more`;

/** What ended badly lets it begin all the same, or it would not wait any more. */
function waitsForNeeds(task: FlowTask, { tasks }: HoldFacts): FlowTaskHold {
  const needs = [...new Set(task.spec.dependsOn)].filter((id) => tasks.get(id)?.finishedAt === null);
  if (task.spec.judges !== null) return hold("needs", `judges ${task.spec.judges} when that is done`, { needs });
  return hold("needs", needs.length === 0 ? "waits for its turn" : `waits for ${named(needs)}`, { needs });
}

function waitsForJudge({ judge }: HoldFacts): FlowTaskHold {
  if (judge === null) return hold("judge", "waits for its judge");
  return hold("judge", `waits for its judge ${judge.id} (${judge.state})`, { needs: [judge.id] });
}

function waitsForPerson({ decision }: HoldFacts): FlowTaskHold {
  if (decision === null) return hold("asked", "waits for a person");
  const { ref, question, options, expiresAt, fallback } = decision;
  const otherwise = expiresAt === null ? "" : `; ${fallback} at ${new Date(expiresAt).toISOString()}`;
  return hold("asked", `${question} (${options.join(", ")}${otherwise})`, {
    ...{ ref, until: expiresAt },
    command: `acp flow decide ${ref} --answer ${options[0] ?? "<answer>"}`,
  });
}

function waitsForTurn(task: FlowTask, facts: HoldFacts): FlowTaskHold {
  const { flow, runAt, now } = facts;
  if (flow.ending !== null) return hold("flow-ending", `the flow is about to end (${flow.reason ?? flow.ending})`);
  if (flow.state === "paused") {
    return hold("flow-paused", "the flow is paused", { command: `acp flow resume ${flow.id}` });
  }
  if (runAt !== null && runAt > now) {
    return hold("backoff", `tried again at ${new Date(runAt).toISOString()}`, { until: runAt });
  }
  if (!facts.isWorked) {
    return hold("no-runtime", "no runtime works flows on this host", { command: "acp flow work --until-idle 60" });
  }
  if (task.summary !== null && (flowWaitReasons as readonly (string | null)[]).includes(task.reason))
    return hold("worker-waits", task.summary);
  return withoutRoom(task, facts) ?? hold("next", "begins when a runtime has room");
}

function withoutRoom({ spec }: FlowTask, facts: HoldFacts): FlowTaskHold | null {
  const { flow, refusal, inGroup, running } = facts;
  if (refusal !== null) return hold("worker-refused", `${spec.worker} cannot run here: ${refusal}`);
  const { parallelism, concurrency } = flow.plan;
  const places = spec.group === null ? null : (concurrency[spec.group] ?? 1);
  if (places !== null && inGroup >= places) {
    return hold("group-full", `no place in group ${spec.group}: ${inGroup} of ${places} are taken`);
  }
  return running >= parallelism
    ? hold("parallelism", `${running} of ${parallelism} tasks that may run at once do`)
    : null;
}
