import type { FlowTaskSpec } from "@agent-control-plane/core";

/** What is run for a task whose worker is a command. Null: its worker is an agent. */
export function commandOf({ worker, command }: Pick<FlowTaskSpec, "worker" | "command">): readonly string[] | null {
  if (command === null) return null;
  if (worker === "shell") return lineOf(command);
  if (worker === "python") return ["python3", ...(typeof command === "string" ? ["-c", command] : command)];
  return null;
}

/** A line is for a shell, a list is run as it is. */
export const lineOf = (command: string | readonly string[]): readonly string[] =>
  typeof command === "string" ? ["/bin/sh", "-c", command] : command;
