import { closeSync, cpSync, mkdirSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import {
  type AttemptOutcome,
  type Ending,
  type FlowAttempt,
  type Json,
  type JudgeVerdict,
  judgeVerdicts,
  outputFolder,
} from "@agent-control-plane/core";
import { attemptFiles, folderOf } from "./attempt-files.ts";
import { checkWork } from "./check-work.ts";

type Failed = Extract<AttemptOutcome, { kind: "failed" }>;

const mostResultBytes = 64 * 1024;

/** What an attempt came to, by the host's own look: its exit, its result, its outputs, its checks; in this order. */
export async function assessAttempt(
  attempt: FlowAttempt,
  ending: Ending,
  env: Readonly<Record<string, string>>,
): Promise<AttemptOutcome> {
  const { task, session } = attempt;
  const folder = session.runDir;
  if (ending.exitReason === "timed-out") {
    return failed("timed-out", `It took longer than ${task.spec.timeoutMs / 1000} s.`);
  }
  if (ending.exitCode === null) return failed("not-started", ending.summary, true);
  if (ending.exitCode !== 0) return failed("exit-code", `${ending.summary}${lastWords(folder)}`);
  return assessWork(attempt, readResult(folder), env);
}

/** What the work of an attempt came to that ended well: its result, its outputs, its checks; in this order. */
export async function assessWork(
  attempt: FlowAttempt,
  read: ReadResult,
  env: Readonly<Record<string, string>>,
): Promise<AttemptOutcome> {
  const { task, session } = attempt;
  const folder = session.runDir;
  if ("problem" in read) return failed("bad-result", read.problem);
  const work = folderOf(attempt);
  const missing = keepOutputs(work, folder, task.spec.outputs);
  if (missing !== null) return failed("output-missing", missing);
  for (const [index, check] of task.spec.validate.entries()) {
    const problem = await checkWork(check, { folder, work, env, index });
    if (problem !== null) return { ...failed("not-valid", problem), result: read.result };
  }
  if (task.spec.judges === null) return { kind: "done", result: read.result };
  const verdict = verdictIn(read.result);
  return verdict === null
    ? failed("no-verdict", 'A judge has to leave {"verdict": "pass" | "retry" | "fail" | "ask"} in its result file.')
    : { kind: "done", result: read.result, verdict };
}

export const failed = (reason: string, summary: string, isFinal = false): Failed => ({
  ...{ kind: "failed", reason, summary, isFinal },
  result: null,
});

/** For people, of what it printed last. */
function lastWords(folder: string): string {
  const text = tailOf(attemptFiles.stderr(folder), 2_000).trim() || tailOf(attemptFiles.stdout(folder), 2_000).trim();
  const line = text.split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${line.slice(-300)}`;
}

function tailOf(path: string, bytes: number): string {
  try {
    const size = statSync(path).size;
    const buffer = Buffer.alloc(Math.min(size, bytes));
    const file = openSync(path, "r");
    try {
      readSync(file, buffer, 0, buffer.length, size - buffer.length);
    } finally {
      closeSync(file);
    }
    return buffer.toString("utf8");
  } catch {
    return "";
  }
}

export type ReadResult = { readonly result: Json } | { readonly problem: string };

export function readResult(folder: string): ReadResult {
  const path = attemptFiles.result(folder);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { result: null };
  if (!stats.isFile()) return { problem: "Its result.json is no file." };
  if (stats.size > mostResultBytes)
    return { problem: `Its result.json has ${stats.size} bytes, more than ${mostResultBytes}.` };
  try {
    return { result: JSON.parse(readFileSync(path, "utf8")) as Json };
  } catch (error) {
    return { problem: `Its result.json is not JSON: ${(error as Error).message}` };
  }
}

/** Copied to where later tasks find them; null: all are there. */
function keepOutputs(work: string, folder: string, outputs: Readonly<Record<string, string>>): string | null {
  for (const [name, path] of Object.entries(outputs)) {
    const from = resolve(work, path);
    if (from !== work && !from.startsWith(work + sep))
      return `Output ${name} (${path}) lies outside of where the task runs.`;
    if (statSync(from, { throwIfNoEntry: false }) === undefined) return `Output ${name} (${path}) was not left.`;
    mkdirSync(outputFolder(folder), { recursive: true, mode: 0o700 });
    cpSync(from, join(outputFolder(folder), name), { recursive: true, force: true, verbatimSymlinks: true });
  }
  return null;
}

function verdictIn(result: Json): { readonly verdict: JudgeVerdict; readonly feedback: string } | null {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return null;
  const { verdict, feedback } = result as { readonly verdict?: unknown; readonly feedback?: unknown };
  if (!(judgeVerdicts as readonly unknown[]).includes(verdict)) return null;
  return { verdict: verdict as JudgeVerdict, feedback: typeof feedback === "string" ? feedback : "" };
}
