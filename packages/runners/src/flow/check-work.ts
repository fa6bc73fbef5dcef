import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import type { FlowCheck } from "@agent-control-plane/core";
import { attemptFiles } from "./attempt-files.ts";
import { lineOf } from "./command-of.ts";
import { lookAtCommand } from "./look-at-command.ts";
import { endCommand, runCommand } from "./run-command.ts";

interface Work {
  /** Of the attempt. */
  readonly folder: string;
  /** Where it ran. */
  readonly work: string;
  readonly env: Readonly<Record<string, string>>;
  readonly index: number;
}

/** Bytes of a file that a pattern or a schema looks at. */
const mostBytes = 1024 * 1024;
/** A pattern may take for ever on a text that was made for it. */
const mostPatternMs = 1_000;

/** What of the work does not hold, in words; null: it holds. */
export async function checkWork(check: FlowCheck, of: Work): Promise<string | null> {
  const nth = `Check ${of.index + 1}`;
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

const isThere = (work: string, path: string): boolean =>
  statSync(resolve(work, path), { throwIfNoEntry: false }) !== undefined;

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
  const text = textOf(resolve(work, path));
  if (text === null) return `${nth}: there is no ${path} of at most ${mostBytes} bytes.`;
  // Loaded by those who have such a check.
  const { Ajv } = await import("ajv");
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  try {
    const validate = ajv.compile(schema as object);
    const isValid = validate(JSON.parse(text));
    return isValid ? null : `${nth}: ${path}: ${ajv.errorsText(validate.errors, { dataVar: "it" }).slice(0, 500)}`;
  } catch (error) {
    return `${nth}: ${path}: ${(error as Error).message}`;
  }
}

function checkPattern(
  check: Extract<FlowCheck, { kind: "regex" }>,
  { folder, work }: Work,
  nth: string,
): string | null {
  const named = { stdout: attemptFiles.stdout(folder), stderr: attemptFiles.stderr(folder) };
  const path = check.in === "stdout" || check.in === "stderr" ? named[check.in] : resolve(work, check.in);
  const text = textOf(path);
  if (text === null) return `${nth}: there is no ${check.in} of at most ${mostBytes} bytes.`;
  try {
    const context = createContext({ pattern: check.pattern, flags: check.flags, text });
    const holds = runInContext("new RegExp(pattern, flags).test(text)", context, { timeout: mostPatternMs });
    return holds === true ? null : `${nth}: /${check.pattern}/${check.flags} is not found in ${check.in}.`;
  } catch (error) {
    return `${nth}: /${check.pattern}/${check.flags}: ${(error as Error).message}`;
  }
}

function textOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size <= mostBytes ? readFileSync(path, "utf8") : null;
}
