import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import type { ProcessMark } from "@agent-control-plane/core";
import { processMark, signalProcess } from "./process-mark.ts";
import { sessionFiles } from "./session-files.ts";
import type { SessionSpec } from "./session-spec.ts";
import { writeAtomically } from "./write-atomically.ts";

/**
 * Node's flags for a wrapper: it mostly waits, so compiled code and a roomy nursery only cost memory. Measured with the
 * SQLite store: 61 MB without them, 53 MB with them.
 */
const wrapperNodeFlags = ["--no-opt", "--max-semi-space-size=1"] as const;

/**
 * Writes `spec.json`, without its secrets, and starts a session's wrapper, detached from us. Answers its mark; whether the session came up
 * is in its row and in the run folder. Throws when the process cannot be started.
 */
export function launchSession(request: {
  readonly spec: SessionSpec;
  /** Node, and the wrapper's script; the spec's path is added as the last argument. */
  readonly entry: { readonly file: string; readonly args: readonly string[] };
}): ProcessMark {
  const { spec, entry } = request;
  mkdirSync(spec.runDir, { recursive: true, mode: 0o700 });
  const specPath = sessionFiles.spec(spec.runDir);
  const { shown, secrets } = apart(spec);
  writeAtomically(specPath, `${JSON.stringify(shown, null, 2)}\n`);
  const log = openSync(sessionFiles.wrapperLog(spec.runDir), "a", 0o600);
  try {
    const child = spawn(entry.file, [...wrapperNodeFlags, ...entry.args, specPath], {
      cwd: spec.runDir,
      env: wrapperEnvironment(process.env),
      detached: true,
      stdio: [secrets ? "pipe" : "ignore", log, log],
    });
    // Without a listener a failed start would be thrown from nowhere; we say it below.
    child.on("error", () => {});
    child.stdin?.on("error", () => {});
    child.stdin?.end(JSON.stringify(secrets));
    child.unref();
    const mark = child.pid === undefined ? null : processMark(child.pid);
    if (!mark) throw new Error(`The session wrapper of ${spec.sessionId} did not start: ${entry.file} ran not at all.`);
    return mark;
  } finally {
    closeSync(log);
  }
}

/** A key of a model's provider is in no file: run folders are kept for weeks, and people look into them. */
function apart(spec: SessionSpec): { readonly shown: SessionSpec; readonly secrets: Record<string, string> | null } {
  const names = new Set(spec.secretNames ?? []);
  if (names.size === 0) return { shown: spec, secrets: null };
  const entries = Object.entries(spec.env);
  return {
    shown: { ...spec, env: Object.fromEntries(entries.filter(([name]) => !names.has(name))) },
    secrets: Object.fromEntries(entries.filter(([name]) => names.has(name))),
  };
}

/** Asks a wrapper to stop its session; it ends the tree, writes the ending and leaves. False when it is gone. */
export function stopSession(mark: ProcessMark): boolean {
  return signalProcess(mark, "SIGTERM");
}

/** The wrapper lives beside the agent, which can read its environment: no token of the daemon's goes in. */
function wrapperEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "LANG", "TZ", "TMPDIR"]) {
    const value = environment[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
