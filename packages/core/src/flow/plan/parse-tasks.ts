import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Path } from "../source/marks.ts";
import { formatOf, readText } from "../source/read-text.ts";
import { bounds } from "./bounds.ts";
import { draftsOf } from "./drafts.ts";
import { bytesOf, isSection, list } from "./form.ts";
import { located } from "./parse-plan.ts";
import { type FlowSetting, settingOf } from "./parse-task.ts";
import { taskSection } from "./plan-form.ts";
import { type PlanProblem, Remarks } from "./problem.ts";

export type ParsedTasks = { readonly tasks: readonly FlowTaskSpec[] } | { readonly problems: readonly PlanProblem[] };

const taskList = list(taskSection, { min: 1, max: bounds.tasks });

/**
 * Tasks to be added to a flow, from YAML or JSON: one task, a list of them, or a section `tasks`, each followed by the
 * judge that it is given. Whether their ids are free and what they need exists is for whoever knows the flow.
 */
export async function parseTasks(text: string, file: string, setting: FlowSetting): Promise<ParsedTasks> {
  const answer = await readValue(text, file);
  if ("problems" in answer) return answer;
  const { value } = answer.read;
  const shape = shapeOf(value);
  const found = shape === "list" ? value : shape === "section" ? (value as { tasks: unknown }).tasks : [value];
  const remarks = new Remarks();
  if (shape === "section") remarkOnOthers(value as object, remarks);
  const given = taskList(found, ["tasks"], remarks) ?? [];
  const { drafts } = draftsOf(given, found, settingOf(setting), remarks);
  if (remarks.isEmpty) return { tasks: drafts.map(({ spec }) => spec) };
  const all = remarks.all.map((remark) => ({ ...remark, path: pathIn(shape, remark.path) }));
  return { problems: await located(answer.read, file, { all }) };
}

/** The value of a text that is YAML or JSON, or what is wrong with it. */
export async function readValue(text: string, file: string): ReturnType<typeof readText> {
  if (bytesOf(text) > bounds.planText) {
    const message = `Has more than ${bounds.planText} bytes.`;
    return { problems: [{ file, line: 1, column: 1, path: "", message, fix: "split it." }] };
  }
  return readText(file, text, formatOf(file, text));
}

type Shape = "one" | "list" | "section";

function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return "list";
  return isSection(value) && Object.hasOwn(value, "tasks") ? "section" : "one";
}

function remarkOnOthers(value: object, remarks: Remarks): void {
  for (const key of Object.keys(value)) {
    if (key === "tasks") continue;
    remarks.addKey([key], `Unknown key "${key}".`, "remove it: beside tasks the flow's own plan holds.");
  }
}

/** Where a remark stands that was made as if there were a section `tasks`. */
function pathIn(shape: Shape, path: Path): Path {
  if (shape === "section" || path[0] !== "tasks") return path;
  return path.slice(shape === "list" ? 1 : 2);
}
