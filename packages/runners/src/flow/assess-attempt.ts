import {
  type AttemptOutcome,
  type Ending,
  type FlowAttempt,
  type Json,
  type JudgeVerdict,
  judgeVerdicts,
  readableLine,
} from "@agent-control-plane/core";
import { readBounded } from "../bounded-file.ts";
import { attemptFiles, folderOf } from "./attempt-files.ts";
import { checkWork } from "./check-work.ts";
import { keepOutputs } from "./keep-outputs.ts";

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
  const missing = await keepOutputs(work, folder, task.spec.outputs);
  if (missing !== null) return { ...failed(missing.reason, missing.summary), result: read.result };
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
  const text = tailOf(attemptFiles.stderr(folder)).trim() || tailOf(attemptFiles.stdout(folder)).trim();
  const line = text.split("\n").at(-1) ?? "";
  return line === "" ? "" : `: ${readableLine(line.slice(-300), 300)}`;
}

function tailOf(path: string): string {
  const tail = readBounded(path, { mostBytes: 2_000, isTail: true });
  return tail.kind === "text" ? tail.text : "";
}

export type ReadResult = { readonly result: Json } | { readonly problem: string };

export function readResult(folder: string): ReadResult {
  const read = readBounded(attemptFiles.result(folder), { mostBytes: mostResultBytes, follows: false });
  switch (read.kind) {
    case "missing":
      return { result: null };
    case "no-file":
      return { problem: "Its result.json is no file, or cannot be read." };
    case "too-long":
      return { problem: `Its result.json has ${read.bytes} bytes, more than ${mostResultBytes}.` };
    default:
      return resultOf(read.text);
  }
}

/** What a store and a reader can be trusted with. */
function resultOf(text: string): { readonly result: Json } | { readonly problem: string } {
  let result: Json;
  try {
    result = JSON.parse(text) as Json;
  } catch (error) {
    return { problem: `Its result.json is not JSON: ${readableLine((error as Error).message, 300)}` };
  }
  return isDeep(result, mostDepth) ? { problem: `Its result.json is nested more than ${mostDepth} deep.` } : { result };
}

const mostDepth = 60;

function isDeep(value: Json, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeep(each as Json, levels - 1));
}

function verdictIn(result: Json): { readonly verdict: JudgeVerdict; readonly feedback: string } | null {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return null;
  const { verdict, feedback } = result as { readonly verdict?: unknown; readonly feedback?: unknown };
  if (!(judgeVerdicts as readonly unknown[]).includes(verdict)) return null;
  return { verdict: verdict as JudgeVerdict, feedback: typeof feedback === "string" ? feedback : "" };
}
