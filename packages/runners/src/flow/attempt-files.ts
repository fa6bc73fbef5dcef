import { join } from "node:path";
import { type FlowAttempt, judgeIdOf } from "@agent-control-plane/core";

/** Names of the files in the folder of a flow task's attempt. */
export const attemptFiles = {
  /** Made by whoever comes first: the watching shell when it begins, or a runtime that gives the attempt up. */
  begun: (folder: string) => join(folder, "begun"),
  /** The command's exit code, as the watching shell saw it. */
  exit: (folder: string) => join(folder, "exit"),
  /** Made before a runtime that leaves ends the command: its end is no failure then. */
  interrupted: (folder: string) => join(folder, "interrupted"),
  stdout: (folder: string) => join(folder, "stdout.log"),
  stderr: (folder: string) => join(folder, "stderr.log"),
  context: (folder: string) => join(folder, "context"),
  inputs: (folder: string) => join(folder, "inputs.json"),
  result: (folder: string) => join(folder, "result.json"),
  /** What it made in its worktree, and where that is kept. */
  worktree: (folder: string) => join(folder, "worktree.json"),
  /** Why its worktree could not be made. */
  worktreeProblem: (folder: string) => join(folder, "worktree.problem"),
  home: (folder: string) => join(folder, "home"),
  tmp: (folder: string) => join(folder, "tmp"),
} as const;

type Place = Pick<FlowAttempt, "flow" | "task" | "session" | "judgedFolder">;

/** Where it runs: its worktree, the plan's folder, or one of its own. The judge that a task was given runs where that one ran. */
export function folderOf(attempt: Place): string {
  const { task, session, judgedFolder } = attempt;
  const { cwd, judges, worktree } = task.spec;
  if (worktree !== null) return worktreePathOf(attempt);
  const isGiven = judges !== null && task.id === judgeIdOf(judges);
  return cwd ?? join(isGiven && judgedFolder !== null ? judgedFolder : session.runDir, "work");
}

export const worktreeRootOf = (flowFolder: string): string => join(flowFolder, "worktrees");

export const worktreePathOf = ({ flow, session }: Pick<FlowAttempt, "flow" | "session">): string =>
  join(worktreeRootOf(flow.folder), session.id);
