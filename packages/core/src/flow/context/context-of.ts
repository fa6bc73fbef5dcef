import type { Flow, FlowTask, FlowTaskState } from "../../domain/flow.ts";
import type { Json } from "../../domain/json.ts";
import { readableLine } from "../../domain/readable-text.ts";
import { durationText } from "../plan/duration.ts";
import { type Part, renderLayer } from "./layer.ts";

export type ContextLayer = "L0" | "L1" | "L2" | "L3";
export type ContextBudgets = Readonly<Record<ContextLayer, number>>;

/** Bytes of UTF-8 that each layer may have. */
export const contextBudgets: ContextBudgets = { L0: 8 * 1024, L1: 16 * 1024, L2: 64 * 1024, L3: 16 * 1024 };

export interface ContextFacts {
  readonly flow: Pick<Flow, "id" | "name" | "plan" | "state">;
  /** What is left until the deadline; null: there is none. */
  readonly remainingMs: number | null;
  readonly tasks: FlowProgress;
  readonly task: Pick<FlowTask, "id" | "spec" | "round" | "attempts">;
  /** What the task needs, in the order in which it names it. */
  readonly directInputs: readonly DirectInput[];
  /** What the judge said of the round before. */
  readonly feedback: string | null;
  readonly decision: { readonly question: string; readonly answer: string; readonly answeredBy: string | null } | null;
  /** Files that tasks of the flow left, those of direct inputs first. */
  readonly artefacts: readonly Artefact[];
  readonly budgetBytes?: Partial<ContextBudgets>;
  /** Unpredictable text, new for each attempt; part of the fences. */
  readonly nonce: string;
}

/** Counts of all tasks, and those that ended last, newest first: a flow of thousands is not read for each attempt. */
export interface FlowProgress {
  readonly counts: Partial<Readonly<Record<FlowTaskState, number>>>;
  readonly ended: readonly Pick<FlowTask, "id" | "state" | "reason" | "summary">[];
}

export interface DirectInput extends Pick<FlowTask, "id" | "state" | "reason" | "summary" | "result"> {
  readonly name: string;
  readonly outputs: Readonly<Record<string, Artefact>>;
}

export interface Artefact {
  readonly task: string;
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Null: it is not known. */
  readonly bytes: number | null;
}

/** Files of `ACP_CONTEXT_DIR`. */
export const contextFiles: Readonly<Record<ContextLayer, string>> = {
  L0: "L0-goal.md",
  L1: "L1-state.md",
  L2: "L2-task.md",
  L3: "L3.md",
};

/** Pure. What a worker is told besides its prompt or command: four layers, each within its budget. */
export function contextOf(facts: ContextFacts): Readonly<Record<ContextLayer, string>> {
  const budgets = { ...contextBudgets, ...facts.budgetBytes };
  const layer = (title: string, of: ContextLayer, parts: readonly Part[]) =>
    renderLayer(title, parts, budgets[of], facts.nonce);
  return {
    L0: layer("The goal of the flow", "L0", goalParts(facts)),
    L1: layer("The state of the flow", "L1", stateParts(facts)),
    L2: layer("This task and its inputs", "L2", taskParts(facts)),
    L3: layer("Files of the flow", "L3", fileParts(facts)),
  };
}

function goalParts({ flow }: ContextFacts): readonly Part[] {
  return [{ title: lineOf(flow.name), ours: flow.plan.goal.trim() === "" ? "(its plan names none)" : flow.plan.goal }];
}

function stateParts({ flow, tasks, remainingMs }: ContextFacts): readonly Part[] {
  const counts = Object.entries(tasks.counts).filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const left = remainingMs === null ? "" : ` Its deadline is in ${durationText(Math.max(0, remainingMs))}.`;
  const ours = `The flow ${flow.id} is ${flow.state}; it has ${total} tasks: ${counts.map(([state, count]) => `${count} ${state}`).join(", ")}.${left}`;
  const ended = tasks.ended.slice(0, mostEnded);
  if (ended.length === 0) return [{ title: "Counts", ours }];
  const theirs = ended.map(taskLine).join("\n");
  return [
    { title: "Counts", ours },
    { title: "What has ended, newest first", theirs, from: "what tasks said of themselves" },
  ];
}

/** The counts say how many more there are. */
export const mostEnded = 100;

function taskLine({ id, state, reason, summary }: FlowProgress["ended"][number]): string {
  const why = reason === null ? "" : ` (${lineOf(reason)})`;
  return `- ${id}: ${state}${why}${summary === null ? "" : `: ${readableLine(summary.slice(0, 2000), 300)}`}`;
}

function taskParts({ task, directInputs, feedback, decision }: ContextFacts): readonly Part[] {
  return [
    { title: `Task ${task.id}`, ours: taskText(task) },
    ...(feedback === null
      ? []
      : [
          {
            title: "What the judge said of the round before: put it right",
            theirs: feedback,
            from: "the judge's words",
          },
        ]),
    ...(decision === null ? [] : [decisionPart(decision)]),
    ...directInputs.map(inputPart),
  ];
}

function taskText({ spec, round, attempts }: ContextFacts["task"]): string {
  const outputs = Object.entries(spec.outputs).map(([name, path]) => `- ${name}: ${lineOf(path)}`);
  const inputs = Object.entries(spec.inputs).map(([name, value]) => `- ${lineOf(name)}: ${JSON.stringify(value)}`);
  return [
    `${lineOf(spec.name)}. Round ${round + 1}, attempt ${Math.max(1, attempts)}.`,
    ...(spec.judges === null ? [] : [`It judges the work of the task ${spec.judges}.`]),
    ...(inputs.length === 0 ? [] : ["", "Its inputs:", ...inputs]),
    ...(outputs.length === 0 ? [] : ["", "Files that it is to leave, relative to where it runs:", ...outputs]),
  ].join("\n");
}

function decisionPart({ question, answer, answeredBy }: NonNullable<ContextFacts["decision"]>): Part {
  const theirs = `Question: ${question}\nAnswer: ${answer}`;
  const who = answeredBy === null ? "by itself, when it expired" : `by ${lineOf(answeredBy)}`;
  return { title: `What was decided (${who})`, theirs, from: "a question about this task and its answer" };
}

function inputPart({ id, name, state, reason, summary, result, outputs }: DirectInput): Part {
  const files = Object.values(outputs).map(artefactLine);
  const theirs = [
    `State: ${state}${reason === null ? "" : ` (${reason})`}`,
    ...(summary === null ? [] : [`Summary: ${summary}`]),
    ...(files.length === 0 ? [] : ["Outputs:", ...files]),
    ...(result === null ? [] : [`Result:\n${jsonText(result)}`]),
  ].join("\n");
  return { title: `Input: ${id}`, theirs, from: `what the task ${id} (${lineOf(name)}) left` };
}

const jsonText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value, null, 1));

function fileParts({ artefacts }: ContextFacts): readonly Part[] {
  if (artefacts.length === 0) return [{ title: "None", ours: "No task has left a file yet." }];
  const shown = artefacts.slice(0, mostFiles).map(artefactLine);
  const more = artefacts.length > mostFiles ? [`- and ${artefacts.length - mostFiles} more`] : [];
  return [
    { title: "How to use them", ours: "Read what you need; the files may be long." },
    {
      title: "Task, name, path, size",
      theirs: [...shown, ...more].join("\n"),
      from: "a list of files that tasks left",
    },
  ];
}

const mostFiles = 1000;

const artefactLine = ({ task, name, path, bytes }: Artefact): string =>
  `- ${task} ${lineOf(name)}: ${readableLine(path, 4000)}${bytes === null ? "" : ` (${bytes} bytes)`}`;

const lineOf = (text: string): string => readableLine(text, 200);
