import type { FlowMessageLine } from "@agent-control-plane/core/flows-api";
import type { CliContext } from "../context.ts";
import { flowsOf, type JsonOption } from "./flows-of.ts";
import { leavingItAlone } from "./leaving-it-alone.ts";
import { watchFlow } from "./library/follow-flow.ts";

/** `acp flow watch <id>`: what happens, a line each, as it happens; exit code as of `wait`. */
export async function watch(context: CliContext, given: string, { json }: JsonOption): Promise<void> {
  const { output } = context;
  await leavingItAlone(context, given, async (signal) => {
    for await (const message of watchFlow(given, { ...flowsOf(context), signal })) {
      if (json) output.jsonLine(message);
      else output.print(lineOf(message, output.style));
      if (message.type === "ALL_DONE") context.exitWith(message.state === "succeeded" ? 0 : 1);
    }
  });
}

function lineOf(message: FlowMessageLine, style: CliContext["output"]["style"]): string {
  const { at, type, task } = message;
  const colour = { TASK_DONE: style.green, TASK_FAILED: style.red, ERROR: style.red, DECISION_NEEDED: style.yellow };
  const paint = type in colour ? colour[type as keyof typeof colour] : style.cyan;
  const words = [task ?? "", wordsOf(message)].filter((word) => word !== "");
  return [style.dim(at), paint(type.padEnd(15)), ...words].join("  ");
}

/** What a message says, for people. */
function wordsOf(message: FlowMessageLine): string {
  const said = (name: string): string => (typeof message[name] === "string" ? (message[name] as string) : "");
  const took = typeof message.durationMs === "number" ? `, ${(message.durationMs / 1000).toFixed(1)} s` : "";
  switch (message.type) {
    case "TASK_STARTED":
      return `attempt ${message.attempt}${message.round === 0 ? "" : `, round ${message.round}`}, ${said("worker")}`;
    case "PROGRESS":
      return said("text");
    case "TASK_DONE":
      return `attempt ${message.attempt}${took}${said("summary") === "done" ? "" : `: ${said("summary")}`}`;
    case "TASK_FAILED":
      return `${said("state")} (${said("reason")}): ${said("summary")}`;
    case "DECISION_NEEDED": {
      const options = Array.isArray(message.options) ? message.options.join("|") : "";
      return `${said("question")}  acp flow decide ${said("ref")} --answer ${options}`;
    }
    case "ERROR":
      return `${message.line === undefined ? "" : `inbox line ${message.line}: `}${said("reason")} Fix: ${said("fix")}`;
    case "ALL_DONE":
      return `${said("state")}${said("reason") === "" ? "" : ` (${said("reason")})`}${took}`;
    default:
      throw new Error(`Unknown type of message: ${JSON.stringify(message.type satisfies never)}`);
  }
}
