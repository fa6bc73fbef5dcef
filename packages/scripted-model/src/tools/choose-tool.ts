import type { OfferedTool } from "../asked.ts";
import type { Wish } from "../wish.ts";
import { fillSchema } from "./fill-schema.ts";

export interface Call {
  readonly id: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Instead of the arguments, of a tool that takes a program. */
  readonly script?: string;
}

/**
 * Pure. The calls of offered tools that fulfil the wishes: a tool that runs commands takes the command, else one that
 * writes files takes each file. None when nothing offered is known to do either.
 */
export function chooseCalls(tools: readonly OfferedTool[], wishes: readonly Wish[], callsBefore: number): Call[] {
  const shell = byName(tools, shellNames);
  const writer = byName(tools, writerNames);
  const filled = wishes.flatMap((wish) => {
    if (shell?.takesScript) return [{ tool: shell.name, args: {}, script: scriptOf(wish.command) }];
    if (shell) return [{ tool: shell.name, args: fillSchema(shell.schema, { command: wish.command }) }];
    if (!writer) return [];
    return Object.entries(wish.files).map(([path, content]) => ({
      tool: writer.name,
      args: fillSchema(writer.schema, { path, content }),
    }));
  });
  return filled.map((call, index) => ({ id: `call_${callsBefore + index + 1}`, ...call }));
}

const scriptOf = (command: string): string => `text(await tools.exec_command(${JSON.stringify({ cmd: command })}));`;

/** In the order of preference; compared without case and without "_" and "-". */
const shellNames = [
  "execcommand",
  "bash",
  "runshellcommand",
  "shellcommand",
  "shell",
  "localshell",
  "exec",
  "runcommand",
  "executecommand",
  "run",
  "terminal",
];
const writerNames = ["write", "writefile", "createfile", "savefile"];

function byName(tools: readonly OfferedTool[], names: readonly string[]): OfferedTool | undefined {
  for (const name of names) {
    const found = tools.find((tool) => tool.name.toLowerCase().replaceAll(/[_-]/g, "") === name);
    if (found) return found;
  }
  return undefined;
}
