import { join } from "node:path";
import type { Ending, ProcessMark } from "@agent-control-plane/core";
import { readRunFile } from "./read-run-file.ts";
import {
  asEnding,
  asProcessMark,
  asProcessRecord,
  asVerification,
  type ProcessRecord,
  type Verification,
} from "./run-file-shapes.ts";

/** Names of the files in a session's run folder. All are written by the host, none by the agent. */
export const sessionFiles = {
  spec: (runDir: string) => join(runDir, "spec.json"),
  prompt: (runDir: string) => join(runDir, "prompt.md"),
  wrapper: (runDir: string) => join(runDir, "wrapper.json"),
  wrapperLog: (runDir: string) => join(runDir, "wrapper.log"),
  processes: (runDir: string) => join(runDir, "processes.json"),
  events: (runDir: string) => join(runDir, "events.jsonl"),
  output: (runDir: string) => join(runDir, "output.log"),
  ending: (runDir: string) => join(runDir, "ending.json"),
  /** What the conclusion rests on. */
  evidence: (runDir: string) => join(runDir, "evidence.json"),
  /** What the agent says it checked itself. */
  notes: (runDir: string) => join(runDir, "agent-verification.jsonl"),
  verification: (runDir: string) => join(runDir, "verification.json"),
  resultJson: (runDir: string) => join(runDir, "result.json"),
  resultEnv: (runDir: string) => join(runDir, "result.env"),
  /** One line: why the agent's result file was not taken. */
  resultRefused: (runDir: string) => join(runDir, "result.refused"),
  home: (runDir: string) => join(runDir, "home"),
  tmp: (runDir: string) => join(runDir, "tmp"),
} as const;

/** What the wrapper wrote at its end; null when it has not. */
export function readEnding(runDir: string): Ending | null {
  return readJsonOrNull(sessionFiles.ending(runDir), asEnding);
}

/** The wrapper's own process; null when it has not come up. */
export function readWrapperMark(runDir: string): ProcessMark | null {
  return readJsonOrNull(sessionFiles.wrapper(runDir), asProcessMark);
}

export function readProcessRecord(runDir: string): ProcessRecord | null {
  return readJsonOrNull(sessionFiles.processes(runDir), asProcessRecord);
}

export function readVerification(runDir: string): Verification | null {
  return readJsonOrNull(sessionFiles.verification(runDir), asVerification);
}

/** The files are written in one step, so a broken one means "not there" as much as a missing one. */
function readJsonOrNull<T>(path: string, as: (value: unknown) => T | null): T | null {
  const text = readRunFile(path);
  if (text === null) return null;
  try {
    return as(JSON.parse(text));
  } catch {
    return null;
  }
}
