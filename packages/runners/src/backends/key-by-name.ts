import type { BackendSettings, Profile } from "@agent-control-plane/core";
import * as z from "zod";

/**
 * Pure. The command of a program that reads its key from one variable only, where the session has it under another
 * name. The shell gives way to the program; the key itself is never an argument.
 */
export function withKeyFrom(
  held: string,
  wanted: string,
  { file, args }: { readonly file: string; readonly args: readonly string[] },
): { readonly file: string; readonly args: readonly string[] } {
  if (held === wanted) return { file, args };
  return { file: "/bin/sh", args: ["-c", `${wanted}="$${held}" exec "$0" "$@"`, file, ...args] };
}

/** What a variable of the environment may be called; anything else would be shell text. */
export const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The key `api_key_env` of a section: the name of a variable, never the key itself. */
export const keyVariable = z.string().regex(variableName, "the name of the variable that holds the key, not the key");

/** What the backends' sections of a profile call the variable that holds their key. */
export function keyNamesOf({ backends }: Pick<Profile["execution"], "backends">): readonly string[] {
  return Object.values(backends).flatMap(keyNameIn);
}

export const keyNameIn = ({ api_key_env: name }: BackendSettings): readonly string[] =>
  typeof name === "string" ? [name] : [];
