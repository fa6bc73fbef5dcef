import { resolve } from "node:path";
import type { FlowAutoJudge, FlowRetry, FlowTaskDefaults, FlowTaskSpec } from "../../domain/flow-plan.ts";
import { ownFolder } from "./bounds.ts";
import type { GivenDefaults, GivenJudge } from "./task-form.ts";

const noRetry: FlowRetry = { count: 0, backoffMs: 5000, factor: 2, maxMs: 300_000 };

/** What a task has about which neither it nor its plan says anything. Its folder is the plan's. */
export const builtInDefaults = (cwd: string): FlowTaskDefaults => ({
  worker: null,
  model: null,
  timeoutMs: 3_600_000,
  retry: noRetry,
  onFail: "skip_dependents",
  env: { pass: [], set: {} },
  cwd,
  group: null,
  priority: 0,
  judge: null,
});

/** Rounds of a judge about which nothing is said. */
export const usualRounds = 2;
/** Of a command that checks a task's work. */
export const checkTimeoutMs = 300_000;

/** `base` less what is said otherwise; `folder` is what relative paths are under. */
export function withDefaults(base: FlowTaskDefaults, given: GivenDefaults, folder: string): FlowTaskDefaults {
  return {
    ...base,
    worker: given.worker ?? base.worker,
    model: given.model ?? base.model,
    timeoutMs: given.timeout ?? base.timeoutMs,
    retry: mergedRetry(base.retry, given.retry),
    onFail: given.on_fail ?? base.onFail,
    env: mergedEnv(base.env, given.env),
    cwd: given.cwd === undefined ? base.cwd : folderOf(given.cwd, folder),
    group: given.group ?? base.group,
    priority: given.priority ?? base.priority,
  };
}

/** A retry or an environment is told by its keys: those that are not named stay. */
function mergedRetry(base: FlowRetry, given: GivenDefaults["retry"]): FlowRetry {
  if (given === undefined) return base;
  return {
    count: given.count ?? base.count,
    backoffMs: given.backoff ?? base.backoffMs,
    factor: given.factor ?? base.factor,
    maxMs: given.max ?? base.maxMs,
  };
}

function mergedEnv(base: FlowTaskSpec["env"], given: GivenDefaults["env"]): FlowTaskSpec["env"] {
  if (given === undefined) return base;
  const pass = [...new Set([...base.pass, ...(given.pass ?? [])])];
  return { pass, set: { ...base.set, ...given.set } };
}

/** Null: the attempt's own folder. */
const folderOf = (given: string, folder: string): string | null =>
  given === ownFolder ? null : resolve(folder, given);

export function autoJudgeOf(given: GivenJudge): FlowAutoJudge {
  return {
    worker: given.worker ?? null,
    model: given.model ?? null,
    command: given.command ?? null,
    prompt: given.prompt ?? null,
    rounds: given.rounds ?? usualRounds,
  };
}
