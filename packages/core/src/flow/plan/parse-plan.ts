import { basename, resolve } from "node:path";
import type { FlowCallback, FlowPlan } from "../../domain/flow-plan.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { formatPath } from "../../profile/problem.ts";
import type { ReadText } from "../source/marks.ts";
import { formatOf, readText, type TextFormat } from "../source/read-text.ts";
import { bounds } from "./bounds.ts";
import { autoJudgeOf, builtInDefaults, withDefaults } from "./defaults.ts";
import { draftsOf } from "./drafts.ts";
import { durationText } from "./duration.ts";
import { bytesOf, isSection } from "./form.ts";
import { remarkOnGraph } from "./graph.ts";
import { type GivenPlan, planSection } from "./plan-form.ts";
import { type PlanProblem, Remarks } from "./problem.ts";
import { remarkOnName } from "./worker-rules.ts";

export interface PlanText {
  /** Named in problems; its ending says the format, and its name is the flow's when the plan has none. `-` for standard input. */
  readonly file: string;
  /** What the plan's own `cwd` is under; absolute. */
  readonly cwd: string;
  /** By the file's ending, else by the text's first character. */
  readonly format?: TextFormat;
  /** Names of backends that a task's worker may be, next to shell and python; without it any name is taken. */
  readonly workers?: readonly string[];
  /** What a deadline that is a time of day is counted from; without it only durations are taken. */
  readonly now?: Instant;
}

export type ParsedPlan = { readonly plan: FlowPlan } | { readonly problems: readonly PlanProblem[] };

/**
 * A plan as it was understood, every default filled in, or everything that is wrong with it, in the order of its lines. Never throws for
 * what a text holds. Asynchronous because YAML that is out of the ordinary has a library loaded for it.
 */
export async function parsePlan(text: string, options: PlanText): Promise<ParsedPlan> {
  const { file } = options;
  if (bytesOf(text) > bounds.planText) {
    const message = `Has more than ${bounds.planText} bytes.`;
    return { problems: [{ file, line: 1, column: 1, path: "", message, fix: "split the plan." }] };
  }
  const answer = await readText(file, text, options.format ?? formatOf(file, text));
  if ("problems" in answer) return answer;
  const remarks = new Remarks();
  const plan = planOf(answer.read.value, options, remarks);
  if (plan !== null && remarks.isEmpty) return { plan };
  return { problems: await located(answer.read, file, remarks) };
}

function planOf(found: unknown, options: PlanText, remarks: Remarks): FlowPlan | null {
  const given = planSection(found, [], remarks);
  if (given === undefined || !isSection(found)) return null;
  const cwd = resolve(options.cwd, given.cwd ?? ".");
  const workers = options.workers ?? null;
  const judge = given.judge === undefined ? null : autoJudgeOf(given.judge);
  const defaults = withDefaults({ ...builtInDefaults(cwd), judge }, given.defaults ?? {}, cwd);
  if (defaults.worker !== null) remarkOnName(defaults.worker, ["defaults", "worker"], workers, remarks);
  if (found.tasks === undefined || found.tasks === null) {
    remarks.add(["tasks"], "Is missing.", "add a list of tasks, each with id, worker and command or prompt.");
  }
  const { drafts, mentioned } = draftsOf(given.tasks ?? [], found.tasks, { defaults, folder: cwd, workers }, remarks);
  remarkOnGraph(drafts, mentioned, remarks);
  return {
    name: given.name ?? nameOf(options.file),
    goal: given.goal ?? "",
    parallelism: given.parallelism ?? 4,
    deadlineMs: deadlineOf(given.deadline, options.now, remarks),
    budget: {
      usd: given.budget?.usd ?? null,
      tokens: given.budget?.tokens ?? null,
      attempts: given.budget?.attempts ?? null,
    },
    profile: given.profile ?? null,
    cwd,
    concurrency: given.concurrency ?? {},
    onDone: callbackOf(given.on_done, remarks),
    defaults,
    tasks: drafts.map(({ spec }) => spec),
  };
}

/** `release` of `plans/release.yaml`. */
function nameOf(file: string): string {
  const name = basename(file)
    .replace(/\.(?:json|ya?ml)$/i, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return name === "" || name === "-" ? "flow" : name.slice(0, bounds.name);
}

function deadlineOf(given: GivenPlan["deadline"], now: Instant | undefined, remarks: Remarks): Millis | null {
  if (given === undefined || typeof given === "number") return given ?? null;
  const at = Date.parse(given.replace(" ", "T"));
  if (now === undefined || Number.isNaN(at)) {
    return remarks.add(["deadline"], `Cannot tell how far off "${given}" is.`, "write a duration, such as 2h.") ?? null;
  }
  if (at > now) return at - now;
  const message = `"${given}" was ${durationText(Math.max(1000, now - at))} ago.`;
  return remarks.add(["deadline"], message, "write a time that is to come, or a duration, such as 2h.") ?? null;
}

function callbackOf(given: GivenPlan["on_done"], remarks: Remarks): FlowCallback | null {
  if (given === undefined) return null;
  const { command, webhook } = given;
  if ((command === undefined) === (webhook === undefined)) {
    const found = command === undefined ? "none" : "both";
    return (
      remarks.addUnlessTold(["on_done"], `Expected command or webhook, found ${found}.`, "write one of the two.") ??
      null
    );
  }
  if (webhook !== undefined) return { kind: "webhook", url: webhook };
  return { kind: "command", command: typeof command === "string" ? ["sh", "-c", command] : (command ?? []) };
}

/** With line and column, in the order of the text. */
export async function located(
  read: ReadText,
  file: string,
  { all }: Pick<Remarks, "all">,
): Promise<readonly PlanProblem[]> {
  const places = await read.places();
  const problems = all.slice(0, bounds.problems).map(({ path, message, fix, isKey }): PlanProblem => {
    const key = String(path.at(-1));
    const place = isKey ? places.placeOfKey(path.slice(0, -1), key) : places.placeOf(path);
    return { file, line: place.line, column: place.column, path: formatPath(path), message, fix };
  });
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  if (all.length <= bounds.problems) return problems;
  const message = `And ${all.length - bounds.problems} problems more.`;
  return [...problems, { file, line: 1, column: 1, path: "", message, fix: "correct these first." }];
}
