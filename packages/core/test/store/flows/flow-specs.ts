import type { AttemptOutcome, FlowPlan, FlowTaskSpec, JudgeVerdict } from "../../../src/index.ts";

export function aTask(id: string, changes: Partial<FlowTaskSpec> = {}): FlowTaskSpec {
  return {
    ...{ id, name: id, worker: "shell", model: null, command: "true", prompt: null, dependsOn: [], judges: null },
    ...{ rounds: 1, timeoutMs: 60_000, validate: [], onFail: "skip_dependents", env: { pass: [], set: {} } },
    ...{ retry: { count: 0, backoffMs: 1000, factor: 2, maxMs: 10_000 }, cwd: null, worktree: null, inputs: {} },
    ...{ outputs: {}, group: null, priority: 0, ask: null },
    ...changes,
  };
}

export function aPlan(tasks: readonly FlowTaskSpec[], changes: Partial<FlowPlan> = {}): FlowPlan {
  return {
    ...{ name: "demo", goal: "to show it", parallelism: 100, deadlineMs: null, profile: null, cwd: "/work" },
    ...{ budget: { usd: null, tokens: null, attempts: null }, concurrency: {}, onDone: null, tasks },
    ...changes,
  };
}

/** `a b>a c>a,b`: three tasks, of which b needs a, and c both. */
export function aGraph(text: string, changes: Partial<FlowTaskSpec> = {}): readonly FlowTaskSpec[] {
  return text.split(" ").map((each) => {
    const [id = "", needs] = each.split(">");
    return aTask(id, { dependsOn: needs?.split(",") ?? [], ...changes });
  });
}

export const done = { kind: "done", result: null } as const satisfies AttemptOutcome;
export const failed: AttemptOutcome = {
  kind: "failed",
  reason: "exit-code",
  summary: "exit code 1",
  isFinal: false,
  result: null,
};
export const lost: AttemptOutcome = { kind: "lost", summary: "it vanished" };
export const says = (verdict: JudgeVerdict): AttemptOutcome => ({
  ...done,
  verdict: { verdict, feedback: `${verdict}!` },
});
