import { type FlowAnswer, type PlanProblem, UserError } from "@agent-control-plane/core";
import type * as api from "@agent-control-plane/core/flows-api";
import { counted } from "../../counted.ts";

/** What is expected to go wrong with flows; `code` says what, `exitCode` how the program would end. */
export class FlowError extends UserError {
  readonly code: api.FlowErrorCode;
  readonly problems: readonly PlanProblem[];

  constructor(
    code: api.FlowErrorCode,
    message: string,
    { exitCode = 1, problems = [] }: { readonly exitCode?: number; readonly problems?: readonly PlanProblem[] } = {},
  ) {
    super(message, { exitCode });
    this.code = code;
    this.problems = problems;
  }
}

/** Throws for what was refused. */
export function applied(answer: FlowAnswer): void {
  if (answer.kind === "applied") return;
  throw new FlowError(answer.reason, answer.summary, { exitCode: notThere.has(answer.reason) ? 66 : 1 });
}

const notThere: ReadonlySet<string> = new Set(["unknown-flow", "unknown-task", "unknown-decision"]);

/** Everything that is wrong with a text, a line each. */
export function badPlan(what: string, problems: readonly PlanProblem[]): FlowError {
  const lines = problems.map(
    ({ file, line, column, path, message, fix }) =>
      `  ${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message} Fix: ${fix}`,
  );
  const message = [`${what} ${counted(problems.length, "problem")}:`, ...lines].join("\n");
  return new FlowError("bad-plan", message, { exitCode: 2, problems });
}
