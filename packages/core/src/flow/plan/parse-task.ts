import type { FlowPlan, FlowTaskDefaults, FlowTaskSpec } from "../../domain/flow-plan.ts";
import { type Draft, judgeFor } from "./auto-judges.ts";
import { askOf, checksOf, completeTask, type TaskSetting, worktreeOf } from "./complete-task.ts";
import { builtInDefaults, usualRounds, withDefaults } from "./defaults.ts";
import { isSection, section } from "./form.ts";
import { taskSection } from "./plan-form.ts";
import { formatRemark, Remarks } from "./problem.ts";
import { type GivenTask, taskFields } from "./task-form.ts";
import { remarkOnWorker } from "./worker-rules.ts";

/** What a task that is added to a flow, or changed in it, is understood against. */
export interface FlowSetting {
  readonly plan: Omit<FlowPlan, "tasks">;
  /** Names of backends; without it any name is taken. */
  readonly workers?: readonly string[];
}

export type ParsedTask = { readonly tasks: readonly FlowTaskSpec[] } | { readonly problems: readonly string[] };
export type ParsedChange = { readonly spec: FlowTaskSpec } | { readonly problems: readonly string[] };

/**
 * The task of an ADD_TASK, against its plan's defaults: itself, and its judge when it is given one. Problems are whole sentences with path
 * and fix. Whether its id is free and what it needs exists is for whoever knows the flow: `checkGraph`.
 */
export function parseTask(found: unknown, setting: FlowSetting): ParsedTask {
  const remarks = new Remarks();
  const given = taskSection(found, [], remarks);
  if (given === undefined) return problemsOf(remarks);
  if (given.id === undefined) remarks.addUnlessTold(["id"], "Is missing.", "give the task an id.");
  const whole = settingOf(setting);
  const spec = completeTask(given, [], whole, remarks);
  if (spec === undefined) return problemsOf(remarks);
  const draft: Draft = { given, spec, at: [] };
  const judge = judgeFor(draft, new Set(), whole, remarks);
  if (!remarks.isEmpty) return problemsOf(remarks);
  return { tasks: judge === null ? [spec] : [spec, judge.spec] };
}

const { id: _id, judges: _judges, judge: _judge, depends_on: _needs, ...changeFields } = taskFields;
/** The keys of an UPDATE_TASK's `change`. */
const changeSection = section(changeFields);

export { changeFields };

/**
 * A task's spec after an UPDATE_TASK: keys that are named replace what was there, `env` and `retry` key by key; all else
 * stays. Its place in the graph (id, needs, judges) cannot be changed, and nothing can be taken away by an empty value.
 */
export function parseChange(found: unknown, spec: FlowTaskSpec, setting: FlowSetting): ParsedChange {
  const remarks = new Remarks();
  const given: GivenTask | undefined = changeSection(changeable(found, remarks), [], remarks);
  if (given === undefined) return problemsOf(remarks);
  if (Object.keys(given).length === 0 && remarks.isEmpty) {
    remarks.add([], "Changes nothing.", `name one of ${Object.keys(changeFields).join(", ")}.`);
  }
  const changed = changedSpec(given, spec, settingOf(setting), remarks);
  return remarks.isEmpty ? { spec: changed } : problemsOf(remarks);
}

/** What cannot be changed is refused in words of its own, and is not told to be unknown. */
function changeable(found: unknown, remarks: Remarks): unknown {
  if (!isSection(found)) return found;
  const entries = Object.entries(found).filter(([key, value]) => {
    const fix = fixed.get(key);
    if (fix !== undefined) remarks.addKey([key], "Cannot be changed once the task is in the flow.", fix);
    else if (value === null && Object.hasOwn(changeFields, key)) {
      remarks.add([key], "Is empty, which changes nothing.", "write a value, or remove it.");
    } else return true;
    return false;
  });
  return Object.fromEntries(entries);
}

const instead = "cancel the task, and add another one.";
const fixed: ReadonlyMap<string, string> = new Map([
  ["id", instead],
  ["depends_on", instead],
  ["judges", "add a task that judges."],
  ["judge", "change the task that judges it."],
]);

function changedSpec(given: GivenTask, spec: FlowTaskSpec, setting: TaskSetting, remarks: Remarks): FlowTaskSpec {
  const { folder } = setting;
  const base: FlowTaskDefaults = { ...setting.defaults, ...spec, judge: null };
  const usual = withDefaults(base, given, folder);
  const worker = given.worker ?? spec.worker;
  // The one replaces the other, as when the worker is changed from a shell to an agent.
  const command = given.command ?? (given.prompt === undefined ? spec.command : null);
  const prompt = given.prompt ?? (given.command === undefined ? spec.prompt : null);
  const { model } = given;
  remarkOnWorker({ worker, isOwn: given.worker !== undefined, command, prompt, model }, [], setting.workers, remarks);
  remarkOnChange(given, spec, remarks);
  return {
    ...spec,
    name: given.name ?? spec.name,
    worker,
    model: usual.model,
    command,
    prompt,
    rounds: spec.judges === null ? 0 : (given.rounds ?? spec.rounds ?? usualRounds),
    timeoutMs: usual.timeoutMs,
    retry: usual.retry,
    validate: given.validate === undefined ? spec.validate : checksOf(given.validate, ["validate"], remarks),
    onFail: usual.onFail,
    env: usual.env,
    cwd: given.worktree === undefined ? usual.cwd : null,
    worktree:
      given.worktree !== undefined
        ? worktreeOf(given.worktree, folder)
        : given.cwd === undefined
          ? spec.worktree
          : null,
    inputs: given.inputs ?? spec.inputs,
    outputs: given.outputs ?? spec.outputs,
    group: usual.group,
    priority: usual.priority,
    ask: given.ask === undefined ? (usual.onFail === "ask" ? spec.ask : null) : askOf(given.ask, [], remarks),
  };
}

function remarkOnChange(given: GivenTask, spec: FlowTaskSpec, remarks: Remarks): void {
  if (given.worktree !== undefined && given.cwd !== undefined) {
    remarks.add(["cwd"], "A task runs in a worktree or in a folder, not in both.", "remove one of the two.");
  }
  if (given.ask !== undefined && (given.on_fail ?? spec.onFail) !== "ask") {
    remarks.add(["ask"], "Means something only with on_fail: ask.", "add on_fail: ask, or remove it.");
  }
  if (given.rounds !== undefined && spec.judges === null) {
    remarks.add(["rounds"], "Means something only for a task that judges.", "change the task that judges.");
  }
  for (const [index, check] of (given.validate ?? []).entries()) {
    if (check.judge !== undefined) {
      remarks.add(["validate", index], "A judge cannot be given later.", "add a task with judges: the id of this one.");
    }
  }
}

export function settingOf({ plan, workers }: FlowSetting): TaskSetting {
  return { defaults: plan.defaults ?? builtInDefaults(plan.cwd), folder: plan.cwd, workers: workers ?? null };
}

const problemsOf = (remarks: Remarks) => ({ problems: remarks.all.slice(0, 100).map(formatRemark) });
