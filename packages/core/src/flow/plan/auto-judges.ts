import type { FlowAutoJudge, FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Path } from "../source/marks.ts";
import { judgeIdOf, taskIdPattern } from "./bounds.ts";
import { completeTask, type TaskSetting } from "./complete-task.ts";
import { autoJudgeOf } from "./defaults.ts";
import type { Remarks } from "./problem.ts";
import type { GivenTask } from "./task-form.ts";
import { runsCommands } from "./worker-rules.ts";

/** A task of a plan, with the place it was written at. */
export interface Draft {
  readonly given: GivenTask;
  readonly spec: FlowTaskSpec;
  readonly at: Path;
}

/** The judge that a task is given, as a task; null: none. `judged`: ids that have a judge among the tasks as they are. */
export function judgeFor(
  draft: Draft,
  judged: ReadonlySet<string>,
  setting: TaskSetting,
  remarks: Remarks,
): Draft | null {
  const own = ownJudges(draft);
  const second = own[1];
  if (second !== undefined) {
    remarks.add(second.at, `The task "${draft.spec.id}" has two judges.`, "keep one of them.");
  }
  const [first] = own;
  if (draft.spec.judges !== null) {
    if (first !== undefined) {
      remarks.add(first.at, "A task that judges cannot be judged itself.", "remove its judge.");
    }
    return null;
  }
  if (first !== undefined) return judgeTask(draft, first.judge, first.at, setting, remarks);
  const { judge } = setting.defaults;
  if (judge === null || draft.given.judge === false || judged.has(draft.spec.id)) return null;
  return judgeTask(draft, judge, draft.at, setting, remarks);
}

function ownJudges({ given, at }: Draft): readonly { readonly judge: FlowAutoJudge; readonly at: Path }[] {
  const own = given.judge ? [{ judge: autoJudgeOf(given.judge), at: [...at, "judge"] }] : [];
  const checks = (given.validate ?? []).flatMap(({ judge }, index) =>
    judge === undefined ? [] : [{ judge: autoJudgeOf(judge), at: [...at, "validate", index, "judge"] }],
  );
  return [...own, ...checks];
}

function judgeTask(
  { spec }: Draft,
  judge: FlowAutoJudge,
  at: Path,
  setting: TaskSetting,
  remarks: Remarks,
): Draft | null {
  const id = judgeIdOf(spec.id);
  if (!taskIdPattern.test(id)) {
    return remarks.add(at, `The judge's id "${id}" would be too long.`, "make the task's id shorter.") ?? null;
  }
  const worker = judge.worker ?? setting.defaults.worker ?? undefined;
  const needsPrompt = worker !== undefined && !runsCommands(worker) && judge.prompt === null && judge.command === null;
  const prompt = needsPrompt ? usualPrompt(spec) : judge.prompt;
  const given: GivenTask = {
    id,
    name: `Judge of ${spec.name}`.slice(0, 200),
    judges: spec.id,
    rounds: judge.rounds,
    priority: spec.priority,
    // Its failure is the failure of what it judges, and counts as that one's policy says: not a second time.
    on_fail: "continue",
    ...(worker === undefined ? {} : { worker }),
    ...(judge.model === null ? {} : { model: judge.model }),
    ...(judge.command === null ? {} : { command: judge.command }),
    ...(prompt === null ? {} : { prompt }),
  };
  const made = completeTask(given, at, setting, remarks);
  // It looks at the work where it was done; a worktree is the work's own, and its outputs are handed on.
  return made === undefined ? null : { given, at, spec: { ...made, cwd: spec.cwd } };
}

const usualPrompt = ({ id }: FlowTaskSpec): string =>
  `Judge the work of the task "${id}": does it do what that task was asked to do, completely and correctly? ` +
  "Look at what it left, not only at what it says of itself.";
