import { mkdtempSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type FlowCheck, isHostTrouble } from "@agent-control-plane/core";
import { readBounded } from "../bounded-file.ts";
import { attemptFiles } from "./attempt-files.ts";
import { lineOf } from "./command-of.ts";
import { lookAtCommand } from "./look-at-command.ts";
import { endCommand, runCommand } from "./run-command.ts";
import { patternMisfit, schemaMisfit } from "./text-misfit.ts";

interface Work {
  /** Of the attempt. */
  readonly folder: string;
  /** Where it ran. */
  readonly work: string;
  readonly env: Readonly<Record<string, string>>;
  readonly index: number;
}

/** Of a file that a pattern or a schema looks at. */
const mostBytes = 1024 * 1024;

/** What of the work does not hold, in words; null: it holds. */
export async function checkWork(check: FlowCheck, of: Work): Promise<string | null> {
  const nth = `Check ${of.index + 1}`;
  // Those that are computed hold everything else up meanwhile: leases are renewed between them.
  await setImmediate();
  switch (check.kind) {
    case "command":
      return runCheck(check, of, nth);
    case "file":
      return isThere(of.work, check.path) ? null : `${nth}: there is no ${check.path}.`;
    case "json_schema":
      return checkSchema(check, of, nth);
    case "regex":
      return checkPattern(check, of, nth);
    default:
      throw new Error(`Unknown check: ${JSON.stringify(check satisfies never)}`);
  }
}

function isThere(work: string, path: string): boolean {
  try {
    statSync(resolve(work, path));
    return true;
  } catch (error) {
    if (isHostTrouble(error)) throw error;
    return false;
  }
}

/** In a folder of its own each time: what a check before a kill left says nothing of this one. */
async function runCheck(
  check: Extract<FlowCheck, { kind: "command" }>,
  { folder, work, env }: Work,
  nth: string,
): Promise<string | null> {
  const own = mkdtempSync(join(folder, "check-"));
  const running = runCommand({ folder: own, cwd: work, argv: lineOf(check.command), env });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    const sessionId = env.ACP_SESSION_ID ?? "";
    const look = lookAtCommand({ sessionId, folder: own });
    if (look.kind === "running") void endCommand({ sessionId, watcher: look.watcher, graceMs: 1_000 });
  }, check.timeoutMs);
  const { exitCode, startError } = await running.finally(() => clearTimeout(timer));
  if (isLate) return `${nth} took longer than ${check.timeoutMs / 1000} s.`;
  if (exitCode === 0) return null;
  return `${nth} ended with ${startError ?? `exit code ${exitCode}`}; what it printed is in ${own}.`;
}

async function checkSchema(
  { path, schema }: Extract<FlowCheck, { kind: "json_schema" }>,
  { work }: Work,
  nth: string,
): Promise<string | null> {
  const text = textOf(resolve(work, path), path);
  if ("problem" in text) return `${nth}: ${text.problem}.`;
  const misfit = await schemaMisfit(schema, text.text);
  return misfit === null ? null : `${nth}: ${path}: ${misfit}`;
}

function checkPattern(
  check: Extract<FlowCheck, { kind: "regex" }>,
  { folder, work }: Work,
  nth: string,
): string | null {
  const named = { stdout: attemptFiles.stdout(folder), stderr: attemptFiles.stderr(folder) };
  const path = check.in === "stdout" || check.in === "stderr" ? named[check.in] : resolve(work, check.in);
  const text = textOf(path, check.in);
  if ("problem" in text) return `${nth}: ${text.problem}.`;
  const misfit = patternMisfit(check, text.text);
  return misfit === null ? null : `${nth}: /${check.pattern}/${check.flags} ${misfit} in ${check.in}.`;
}

function textOf(path: string, name: string): { readonly text: string } | { readonly problem: string } {
  const read = readBounded(path, { mostBytes });
  switch (read.kind) {
    case "text":
      return read;
    case "missing":
      return { problem: `there is no ${name}` };
    case "no-file":
      return { problem: `${name} is no file, or cannot be read` };
    case "too-long":
      return { problem: `${name} has ${read.bytes} bytes, and at most ${mostBytes} are looked at` };
    default:
      throw new Error(`Unknown reading: ${JSON.stringify(read satisfies never)}`);
  }
}
