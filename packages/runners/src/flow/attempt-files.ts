import { join } from "node:path";
import type { FlowAttempt } from "@agent-control-plane/core";

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
  home: (folder: string) => join(folder, "home"),
  tmp: (folder: string) => join(folder, "tmp"),
} as const;

/** Where it runs: the plan's folder, or one of its own. */
export const folderOf = ({ task, session }: Pick<FlowAttempt, "task" | "session">): string =>
  task.spec.cwd ?? join(session.runDir, "work");
