import { execFile } from "node:child_process";

export interface RanTool {
  /** Null: it could not be started, or took too long. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the system to its end. A bad end is a value: callers know what it means. */
export function runTool(
  [file = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs = 20_000,
): Promise<RanTool> {
  return new Promise((resolve) => {
    const options = { env, timeout: timeoutMs, killSignal: "SIGKILL" as const };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      const why = code === null && error !== null ? error.message : "";
      resolve({ code, stdout, stderr: stderr.trim() || why });
    });
    child.stdin?.end();
  });
}
