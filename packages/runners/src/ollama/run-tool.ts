import { boundOutput } from "./bound-output.ts";
import type { AskedCall } from "./chat.ts";
import { type OutputBound, runFileTool, type ToolResult } from "./file-tools.ts";
import { guardPath } from "./guard-path.ts";
import { type ProgramRun, runProgram } from "./run-program.ts";
import { readCall, type ToolCall } from "./tools.ts";

export interface ToolPlace {
  readonly worktree: string;
  /** The session's own environment, less the model's key. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly commandTimeoutMs: number;
  readonly bound: OutputBound;
  readonly stop: AbortSignal;
}

/** Does one call, or says to the model why not. Never throws. */
export async function runTool(place: ToolPlace, asked: AskedCall): Promise<ToolResult> {
  const read = readCall(asked);
  if (!read.ok) return { ok: false, text: `Error: ${read.problem}` };
  try {
    const result = await runCall(place, read.call);
    return result.ok || read.call.tool === "run_command" ? result : { ok: false, text: `Error: ${result.text}` };
  } catch (error) {
    return { ok: false, text: `Error: ${error instanceof Error ? error.message : error}` };
  }
}

async function runCall(place: ToolPlace, call: ToolCall): Promise<ToolResult> {
  if (call.tool === "run_command") return runCommand(place, call);
  if (call.tool === "search_files") return searchFiles(place, call);
  return runFileTool(place.worktree, call, place.bound);
}

async function runCommand(place: ToolPlace, call: ToolCall & { readonly tool: "run_command" }): Promise<ToolResult> {
  const { worktree: cwd, env, stop, bound } = place;
  const timeoutMs = Math.min(place.commandTimeoutMs, (call.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000);
  const run = await runProgram({ file: "/bin/sh", args: ["-c", call.command], cwd, env, timeoutMs, stop });
  const output = boundOutput(run.output.trimEnd(), bound);
  return {
    ok: run.exitCode === 0 && run.ended === "itself",
    text: `${howItEnded(run, timeoutMs)}\n${output}`.trimEnd(),
  };
}

function howItEnded(run: ProgramRun, timeoutMs: number): string {
  if (run.ended === "time-limit") return `The command was killed at its time limit of ${timeoutMs / 1000} s. Output:`;
  if (run.ended === "stopped") return "The command was killed because the session was stopped. Output:";
  const left = run.leftProcesses ? ", with processes left in the background" : "";
  const how = run.signal ? `ended by ${run.signal}` : `exit code ${run.exitCode}`;
  return `[${how}${left}]${run.output.trim() === "" ? " no output" : ""}`;
}

const searchMs = 30_000;

/** By grep: it is on every machine, and a search that takes too long is ended without us hanging in it. */
async function searchFiles(place: ToolPlace, call: ToolCall & { readonly tool: "search_files" }): Promise<ToolResult> {
  const path = guardPath(place.worktree, call.path);
  if (!path.ok) return { ok: false, text: path.problem };
  const skip = ["--exclude-dir=.git", "--exclude-dir=node_modules", "--exclude=.git"];
  const args = ["-rnIF", ...skip, "-e", call.text, "--", path.shown];
  const { worktree: cwd, env, stop, bound } = place;
  const run = await runProgram({ file: "grep", args, cwd, env, timeoutMs: searchMs, stop });
  if (run.ended !== "itself") return { ok: false, text: "the search took too long; search a smaller folder." };
  if (run.exitCode === 1) return { ok: true, text: "[no line contains it]" };
  const text = boundOutput(run.output.replaceAll(/^\.\//gm, "").trimEnd(), bound);
  return { ok: run.exitCode === 0, text };
}
