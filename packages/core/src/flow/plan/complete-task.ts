import { resolve } from "node:path";
import type { FlowCheck, FlowTaskDefaults, FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { Path } from "../source/marks.ts";
import { checkTimeoutMs, usualRounds, withDefaults } from "./defaults.ts";
import type { Remarks } from "./problem.ts";
import type { GivenCheck, GivenTask } from "./task-form.ts";
import { remarkOnWorker } from "./worker-rules.ts";

export interface TaskSetting {
  readonly defaults: FlowTaskDefaults;
  /** What relative paths are under; absolute. */
  readonly folder: string;
  /** Names of backends; null: any may be one. */
  readonly workers: readonly string[] | null;
}

/** A task with every default filled in. Undefined when it cannot be told at all; other faults are remarked on. */
export function completeTask(
  given: GivenTask,
  at: Path,
  setting: TaskSetting,
  remarks: Remarks,
): FlowTaskSpec | undefined {
  const { folder } = setting;
  const defaults = withDefaults(setting.defaults, given, folder);
  if (given.id === undefined) return undefined;
  const { worker } = defaults;
  if (worker === null) {
    const fix = "add it, for example worker: shell, here or in the plan's defaults.";
    if (remarks.hasTold(["defaults", "worker"])) return undefined;
    return remarks.addUnlessTold([...at, "worker"], "Is missing.", fix);
  }
  remarkOnWorker({ worker, isOwn: given.worker !== undefined, ...given }, at, setting.workers, remarks);
  remarkOnPairs(given, defaults, at, remarks);
  const dependsOn = given.depends_on ?? [];
  const isWithJudged = given.judges !== undefined && !dependsOn.includes(given.judges);
  return {
    id: given.id,
    name: given.name ?? given.id,
    worker,
    model: defaults.model,
    command: given.command ?? null,
    prompt: given.prompt ?? null,
    dependsOn: isWithJudged ? [...dependsOn, given.judges as string] : dependsOn,
    judges: given.judges ?? null,
    rounds: given.judges === undefined ? 0 : (given.rounds ?? usualRounds),
    timeoutMs: defaults.timeoutMs,
    retry: defaults.retry,
    validate: checksOf(given.validate ?? [], [...at, "validate"], remarks),
    onFail: defaults.onFail,
    env: defaults.env,
    cwd: given.worktree === undefined ? defaults.cwd : null,
    worktree: worktreeOf(given.worktree, folder),
    inputs: given.inputs ?? {},
    outputs: given.outputs ?? {},
    group: defaults.group,
    priority: defaults.priority,
    ask: askOf(given.ask, at, remarks),
  };
}

export const worktreeOf = (given: GivenTask["worktree"], folder: string): FlowTaskSpec["worktree"] =>
  given === undefined ? null : { repository: resolve(folder, given.repository ?? "."), base: given.base ?? null };

export function askOf(given: GivenTask["ask"], at: Path, remarks: Remarks): FlowTaskSpec["ask"] {
  if (given === undefined) return null;
  if (given.expires !== undefined && given.answer !== undefined) {
    return { expiresMs: given.expires, answer: given.answer };
  }
  const lacking = given.expires === undefined ? "expires" : "answer";
  remarks.addUnlessTold(
    [...at, "ask", lacking],
    "Is missing.",
    "name both: when the question expires, and the answer it has then.",
  );
  return null;
}

/** What a task cannot have together. */
function remarkOnPairs(given: GivenTask, { onFail }: FlowTaskDefaults, at: Path, remarks: Remarks): void {
  if (given.worktree !== undefined && given.cwd !== undefined) {
    remarks.addKey([...at, "cwd"], "A task runs in a worktree or in a folder, not in both.", "remove one of the two.");
  }
  if (given.ask !== undefined && onFail !== "ask") {
    remarks.addKey([...at, "ask"], "Means something only with on_fail: ask.", "add on_fail: ask, or remove it.");
  }
  if (given.rounds !== undefined && given.judges === undefined) {
    const fix = "move it to the judge: judge: { rounds: ... }, or to the task that judges.";
    remarks.addKey([...at, "rounds"], "Means something only for a task that judges.", fix);
  }
  const seen = new Set<string>();
  for (const [index, id] of (given.depends_on ?? []).entries()) {
    if (seen.has(id)) remarks.add([...at, "depends_on", index], `Names "${id}" twice.`, "remove one of the two.");
    seen.add(id);
  }
}

/** The judge among the checks becomes a task, and is not one of them. */
export function checksOf(given: readonly GivenCheck[], at: Path, remarks: Remarks): readonly FlowCheck[] {
  return given.flatMap((each, index): FlowCheck[] => {
    const made = checkOf(each, [...at, index], remarks);
    return made === null ? [] : [made];
  });
}

const kinds = ["command", "file", "json_schema", "regex", "judge"] as const;

function checkOf(given: GivenCheck, at: Path, remarks: Remarks): FlowCheck | null {
  const said = kinds.filter((kind) => given[kind] !== undefined);
  if (said.length !== 1) {
    const found = said.length === 0 ? "none" : said.join(" and ");
    remarks.addUnlessTold(
      at,
      `Expected one of ${kinds.join(", ")}, found ${found}.`,
      "make each check an entry of its own.",
    );
    return null;
  }
  if (given.timeout !== undefined && given.command === undefined) {
    remarks.addKey([...at, "timeout"], "Means something only beside a command.", "remove it.");
  }
  const { command, file, json_schema: json, regex } = given;
  if (command !== undefined) return { kind: "command", command, timeoutMs: given.timeout ?? checkTimeoutMs };
  if (file !== undefined) return { kind: "file", path: file };
  if (json !== undefined) return schemaCheckOf(json, [...at, "json_schema"], remarks);
  return regex === undefined ? null : regexCheckOf(regex, [...at, "regex"], remarks);
}

function schemaCheckOf(given: NonNullable<GivenCheck["json_schema"]>, at: Path, remarks: Remarks): FlowCheck | null {
  const { file, schema } = given;
  if (file === undefined)
    remarks.addUnlessTold([...at, "file"], "Is missing.", "name the file that is to fit the schema.");
  if (schema === undefined)
    remarks.addUnlessTold([...at, "schema"], "Is missing.", "write the JSON schema itself here.");
  const isSchema = typeof schema === "boolean" || (typeof schema === "object" && !Array.isArray(schema));
  if (schema !== undefined && !isSchema) {
    remarks.add([...at, "schema"], "Is no JSON schema.", "write a section of schema keywords, such as type: object.");
  }
  return file === undefined || schema === undefined ? null : { kind: "json_schema", path: file, schema };
}

function regexCheckOf(given: NonNullable<GivenCheck["regex"]>, at: Path, remarks: Remarks): FlowCheck | null {
  const { pattern, flags = "", in: where = "stdout" } = given;
  if (pattern === undefined) {
    remarks.addUnlessTold([...at, "pattern"], "Is missing.", "add the regular expression.");
    return null;
  }
  try {
    new RegExp(pattern, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    remarks.add([...at, "pattern"], `${reason}.`, "correct the regular expression (that of JavaScript).");
  }
  return { kind: "regex", pattern, flags, in: where };
}
