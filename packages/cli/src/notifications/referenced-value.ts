import { readFileSync, statSync } from "node:fs";
import { rememberSecret } from "@agent-control-plane/core";

export type Referenced =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string };

const mostBytes = 8_192;

/**
 * What stands at `env:NAME` or `file:/path`; anything else is the value itself. What a reference holds is a secret: it is
 * remembered for redaction, and a file of it that others may read is refused.
 */
export function referencedValue(reference: string, env: NodeJS.ProcessEnv): Referenced {
  const found = reference.startsWith("env:")
    ? inEnvironment(reference.slice(4), env)
    : reference.startsWith("file:")
      ? inFile(reference.slice(5))
      : { ok: true as const, value: reference };
  if (found.ok && found.value !== reference) rememberSecret(found.value);
  return found;
}

function inEnvironment(name: string, env: NodeJS.ProcessEnv): Referenced {
  const value = env[name]?.trim() ?? "";
  return value === ""
    ? no(`the variable ${name} is not set where the runtime runs; set it there, or use file:`)
    : { ok: true, value };
}

function inFile(path: string): Referenced {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return no(`${path} is no file`);
    if ((stat.mode & 0o077) !== 0) return no(`others may read ${path}: chmod 600 ${path}`);
    if (stat.size > mostBytes) return no(`${path} is larger than a secret`);
    const value = readFileSync(path, "utf8").trim();
    return value === "" ? no(`${path} is empty`) : { ok: true, value };
  } catch (error) {
    return no((error as Error).message);
  }
}

const no = (problem: string): Referenced => ({ ok: false, problem });
