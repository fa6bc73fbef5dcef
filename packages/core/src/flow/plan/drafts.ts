import { type Draft, judgeFor } from "./auto-judges.ts";
import { bounds } from "./bounds.ts";
import { completeTask, type TaskSetting } from "./complete-task.ts";
import { isSection } from "./form.ts";
import type { Remarks } from "./problem.ts";
import type { GivenTask } from "./task-form.ts";

export interface Drafts {
  readonly drafts: readonly Draft[];
  /** Ids of tasks that are not among the drafts because of faults of their own. */
  readonly mentioned: ReadonlySet<string>;
}

/** The tasks of a plan in its order, each followed by the judge that it is given. `found`: the list as it was written. */
export function draftsOf(given: readonly GivenTask[], found: unknown, setting: TaskSetting, remarks: Remarks): Drafts {
  const mentioned = new Set<string>();
  const places = placesOf(given, found);
  const whole: Draft[] = [];
  for (const [index, task] of given.entries()) {
    const at = ["tasks", places[index] ?? index];
    const raw = (found as readonly unknown[])[places[index] ?? index];
    const id = isSection(raw) ? raw.id : undefined;
    if (id === undefined || id === null) remarks.add([...at, "id"], "Is missing.", "give the task an id.");
    const spec = completeTask(task, at, setting, remarks);
    if (spec !== undefined) whole.push({ given: task, spec, at });
    else if (typeof id === "string") mentioned.add(id);
  }
  const judged = new Set(whole.flatMap(({ spec }) => (spec.judges === null ? [] : [spec.judges])));
  const drafts = whole.flatMap((draft): readonly Draft[] => {
    const judge = judgeFor(draft, judged, setting, remarks);
    return judge === null ? [draft] : [draft, judge];
  });
  if (drafts.length > bounds.tasks) {
    const message = `Has ${drafts.length} tasks with their judges, at most ${bounds.tasks} are taken.`;
    remarks.add(["tasks"], message, "split the plan.");
  }
  return { drafts, mentioned };
}

/** Entries that are no sections were left out when the list was read. */
function placesOf(given: readonly GivenTask[], found: unknown): readonly number[] {
  if (!Array.isArray(found) || found.length === given.length) return given.map((_, index) => index);
  return found.flatMap((each, index) => (isSection(each) ? [index] : []));
}
