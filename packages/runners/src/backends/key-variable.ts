import * as z from "zod";
import type { BackendCommand } from "../session/session-spec.ts";

/** The name of a variable in a session's environment. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of an environment variable");

/**
 * Pure. The same program with what the variable `from` holds under the name `to` as well. A shell does it that becomes
 * the program, so the value itself is in no argument and in no file.
 */
export function keyAs(command: BackendCommand, from: string, to: string): BackendCommand {
  const script = `${to}="\${${from}:-}" && export ${to} && exec "$0" "$@"`;
  return { ...command, file: "/bin/sh", args: ["-c", script, command.file, ...command.args] };
}
