import type { FlowRun, Plan } from "./flow-bench.ts";

/** One key of a plan: what is seen of a flow that has it, and of one that has it otherwise or not at all. */
export interface FieldCase {
  /** As `planKeys` names it. */
  readonly key: string;
  /** What of the key, where one case is not enough. */
  readonly of?: string;
  readonly plan: Plan;
  readonly otherwise: Plan;
  /** What a worker saw or what the store says; never how long something took. */
  readonly see: (run: FlowRun) => Promise<unknown>;
  readonly is: unknown;
  readonly isOtherwise: unknown;
  /** Where `flow status --json` shows it, and as what; `tasks.t` is the task of that id. */
  readonly shown: readonly [path: string, value: unknown];
  /** What the plan's times of day are counted from. */
  readonly now?: number;
}

/** A task that does nothing. */
export const task = (id: string, more: Plan = {}): Plan => ({ id, worker: "shell", command: "true", ...more });
export const plan = (tasks: readonly Plan[], more: Plan = {}): Plan => ({ tasks, ...more });

export const printed =
  (taskId = "t") =>
  (run: FlowRun) =>
    run.printed(taskId);

export const ended = async (run: FlowRun) => {
  const { state, reason } = await run.end();
  return [state, reason];
};

/** The states it comes to by itself; what then waits for a person or a retry is cancelled. */
export const settled = async (run: FlowRun) => {
  await run.until("its end or a question", async () => {
    const states = await run.states();
    const isHeld = states.includes(":asking") && !/:(?:queued|running)/.test(states);
    return isHeld || (await run.flow()).finishedAt !== null;
  });
  const states = await run.states();
  if ((await run.flow()).finishedAt === null) await run.cancel();
  return states;
};

/** Whether a second task may begin while the first one runs, whoever asks. */
export const beginsAnother = async (run: FlowRun) => {
  const ofState = async (state: string) => (await run.states()).split(" ").filter((each) => each.endsWith(`:${state}`));
  await run.until("a task that runs", async () => (await ofState("running")).length > 0);
  // By somebody else; what it begins is ended with the flow.
  const begun = await run.store.flows.begin({
    ...{ flowId: run.id, owner: "somebody else", leaseMs: 60_000, session: { id: `probe-${run.id}-${process.pid}` } },
  });
  const isSecond = begun !== null || (await ofState("running")).length > 1;
  if (begun) {
    const outcome = { kind: "interrupted", summary: "It was only a look." } as const;
    await run.store.flows.conclude(begun.lease, begun.session.id, outcome, {
      ...{ exitReason: "lost", failureReason: null, exitCode: null, signal: null, startedAt: null as never },
      ...{ endedAt: begun.session.intendedAt, nativeSessionId: null, usage: {}, retryAt: null, summary: "a look" },
      ...{ processes: { killed: 0, survivors: 0 } },
    });
  }
  await run.cancel();
  return isSecond;
};

/** Milliseconds between each failed attempt and the moment its retry is due, as the store has them. */
export const pauses = async (run: FlowRun) => {
  await run.end();
  return (await run.messages()).flatMap(({ type, at, body }) => {
    const { until } = (body ?? {}) as { readonly until?: string };
    return type === "PROGRESS" && until !== undefined ? [Date.parse(until) - at] : [];
  });
};

export const attempts = async (run: FlowRun) => {
  await run.end();
  return (await run.task("t")).attempts;
};

export const reason = async (run: FlowRun) => {
  await run.end();
  const { state, reason: why } = await run.task("t");
  return [state, why];
};

export const order = (run: FlowRun) => run.began();

export const file =
  (name: string, taskId = "t") =>
  async (run: FlowRun) => {
    await run.end();
    return run.file(taskId, name);
  };
