import type { Flow, FlowTask } from "../../domain/flow.ts";
import type { ReadyFlowCommand } from "../../domain/flow-mailbox.ts";
import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import type { ParsedCommand } from "../mailbox/parse-command-line.ts";
import { parseChange, parseTask } from "../plan/parse-task.ts";

/** What a line of the inbox says, completed by what its flow is, or what is wrong with it. */
export type ReadyLine = ReadyFlowCommand | { readonly problem: string; readonly fix?: string };

/** Pure, but for the one task that an UPDATE_TASK is about. `workers`: names that tasks may have as worker. */
export async function readyLine(
  parsed: ParsedCommand,
  flow: Flow,
  workers: readonly string[],
  taskOf: (taskId: string) => Promise<FlowTask | null>,
): Promise<ReadyLine> {
  if ("problem" in parsed) return { problem: parsed.problem.reason, fix: parsed.problem.fix };
  const { command } = parsed;
  const { id } = command;
  const setting = { plan: flow.plan, workers };
  switch (command.type) {
    case "ADD_TASK": {
      const made = parseTask(command.task, setting);
      return "problems" in made ? { problem: made.problems.join(" ") } : { id, type: "ADD_TASK", tasks: made.tasks };
    }
    case "UPDATE_TASK": {
      const task = await taskOf(command.task);
      if (task === null) return { problem: `There is no task "${command.task}" in this flow.` };
      const made = parseChange(command.change, task.spec, setting);
      if ("problems" in made) return { problem: made.problems.join(" ") };
      return { id, type: "UPDATE_TASK", taskId: task.id, change: changeOf(made.spec) };
    }
    case "CANCEL_TASK":
      return { id, type: "CANCEL_TASK", taskId: command.task, reason: null };
    case "DECIDE":
      return { id, type: "DECIDE", ref: command.ref, answer: command.answer, comment: null };
    case "STOP":
      return { id, type: "STOP", mode: command.mode };
    case "PAUSE":
    case "RESUME":
      return { id, type: command.type };
    default:
      throw new Error(`Unknown command: ${JSON.stringify(command satisfies never)}`);
  }
}

/** What it needs and judges cannot be changed. */
export function changeOf({ id: _id, dependsOn: _needs, judges: _judges, ...change }: FlowTaskSpec) {
  return change;
}
