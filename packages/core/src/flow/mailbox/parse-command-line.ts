import { type FlowCommandType, flowCommandTypes } from "../../domain/flow-mailbox.ts";
import type { JsonObject } from "../../domain/json.ts";
import { suggest } from "../../profile/suggest.ts";
import { bounds } from "../plan/bounds.ts";
import { type Fields, isSection, oneOf, quote, type Reader, section, show, text, wrong } from "../plan/form.ts";
import { formatRemark, Remarks } from "../plan/problem.ts";
import { readJson } from "../source/read-json.ts";
import { type LineFault, type MailboxLine, maxLineBytes } from "./split-lines.ts";

/** One line of the inbox, as it was understood. `id`: the writer's own, to know repeats by. */
export type FlowCommand = { readonly line: number; readonly id: string | null } & (
  | { readonly type: "ADD_TASK"; readonly task: JsonObject }
  | { readonly type: "UPDATE_TASK"; readonly task: string; readonly change: JsonObject }
  | { readonly type: "CANCEL_TASK"; readonly task: string }
  | { readonly type: "DECIDE"; readonly ref: string; readonly answer: string }
  | { readonly type: "PAUSE" }
  | { readonly type: "RESUME" }
  /** `drain`: what runs may end; `now`: it is stopped. */
  | { readonly type: "STOP"; readonly mode: "drain" | "now" }
);

export interface CommandProblem {
  readonly line: number;
  readonly reason: string;
  readonly fix: string;
}

export type ParsedCommand = { readonly command: FlowCommand } | { readonly problem: CommandProblem };

/**
 * Pure. A line of the inbox becomes a command, or a problem with its line and reason; it never throws and never answers
 * nothing. What an ADD_TASK's `task` holds is looked at by `parseTask`, an UPDATE_TASK's `change` by `parseChange`.
 */
export function parseCommandLine(text: string, line: number): ParsedCommand {
  const problem = (reason: string, fix: string): ParsedCommand => ({ problem: { line, reason, fix } });
  if (Buffer.byteLength(text, "utf8") > maxLineBytes) return ofFault("too-long", line);
  if (text.includes("\0")) return ofFault("nul", line);
  const answer = readJson(text);
  if ("fault" in answer) return problem(`Column ${answer.fault.column}: ${answer.fault.message}`, answer.fault.fix);
  const found = answer.read.value;
  if (!isSection(found)) {
    return problem(`Expected an object, found ${show(found)}.`, 'write {"type": "PAUSE"} or another command.');
  }
  const { type } = found;
  if (!isCommandType(type)) return problem(...unknownType(type));
  const remarks = new Remarks();
  const given = section({ type: anything, id: text200, ...fieldsOf[type] })(found, [], remarks);
  for (const key of neededOf[type]) {
    if (found[key] === undefined || found[key] === null) remarks.add([key], "Is missing.", `add "${key}".`);
  }
  const [first, ...more] = remarks.all;
  if (given !== undefined && first === undefined) return { command: commandOf(type, given, line) };
  const reasons = more.slice(0, 9).map((each) => ` Also ${formatRemark(each)}`);
  return problem(`${reasonOf(first)}${reasons.join("")}`, first?.fix ?? "correct the line.");
}

/** The same for a line that `splitLines` found, the unreadable ones included. */
export function parseMailboxLine(found: MailboxLine): ParsedCommand {
  return "text" in found ? parseCommandLine(found.text, found.line) : ofFault(found.fault, found.line);
}

const faults: Readonly<Record<LineFault, Omit<CommandProblem, "line">>> = {
  "too-long": {
    reason: `The line is longer than ${maxLineBytes} bytes.`,
    fix: "put long texts into files and name them.",
  },
  "not-utf8": { reason: "The line is not UTF-8.", fix: "write the file as UTF-8." },
  nul: {
    reason: "The line has NUL bytes, such as a file has after its machine lost power.",
    fix: "append the command again.",
  },
};

const ofFault = (fault: LineFault, line: number): ParsedCommand => ({ problem: { line, ...faults[fault] } });

const isCommandType = (type: unknown): type is FlowCommandType =>
  (flowCommandTypes as readonly unknown[]).includes(type);

function unknownType(type: unknown): readonly [string, string] {
  if (type === undefined) return ['"type" is missing.', `add one of ${flowCommandTypes.join(", ")}.`];
  const near = typeof type === "string" ? suggest(type, flowCommandTypes) : null;
  const reason = typeof type === "string" ? `Unknown type ${quote(type)}.` : `Expected a type, found ${show(type)}.`;
  return [reason, near === null ? `use one of ${flowCommandTypes.join(", ")}.` : `did you mean "${near}"?`];
}

function reasonOf(first: Remarks["all"][number] | undefined): string {
  if (first === undefined) return "Cannot be read.";
  return first.path.length === 0 ? first.message : `${first.path.join(".")}: ${first.message}`;
}

const anything: Reader<unknown> = (found) => found;
const text200 = text({ max: 200, isOneLine: true });
const object: Reader<JsonObject> = (found, at, remarks) =>
  isSection(found) ? (found as JsonObject) : wrong(found, at, remarks, "an object");

/** The fields of each type, next to `type` and `id`; docs/flows.md names each. */
export const fieldsOf = {
  ADD_TASK: { task: object },
  UPDATE_TASK: { task: text200, change: object },
  CANCEL_TASK: { task: text200 },
  DECIDE: { ref: text200, answer: text({ max: bounds.goal }) },
  PAUSE: {},
  RESUME: {},
  STOP: { mode: oneOf(["drain", "now"]) },
} as const satisfies Readonly<Record<FlowCommandType, Fields>>;

const neededOf: Readonly<Record<FlowCommandType, readonly string[]>> = {
  ADD_TASK: ["task"],
  UPDATE_TASK: ["task", "change"],
  CANCEL_TASK: ["task"],
  DECIDE: ["ref", "answer"],
  PAUSE: [],
  RESUME: [],
  STOP: [],
};

/** `given` has what its type needs, looked at by the type's own readers. */
function commandOf(type: FlowCommandType, given: Readonly<Record<string, unknown>>, line: number): FlowCommand {
  const { type: _, id = null, ...fields } = given;
  const usual = type === "STOP" ? { mode: "drain" } : {};
  return { line, id, type, ...usual, ...fields } as FlowCommand;
}
