import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

/** A fixture process that talks in lines of JSON on stdout and takes lines on stdin. */
export interface ChildProgram {
  readonly process: ChildProcess;
  /** The next line it says; rejects, with its stderr, when it ends without saying one. */
  line(): Promise<unknown>;
  tell(line: string): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts `node <bundle> <args>`; killed at the end of the test if it still lives. */
export function startChild(bundle: string, args: readonly string[] = []): ChildProgram {
  const child = spawn(process.execPath, [bundle, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // A child that was killed leaves a broken pipe behind; its end says enough.
  child.stdin.on("error", () => {});
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    process: child,
    ended,
    async line() {
      const next = await lines.next();
      if (next.done) throw new Error(`Fixture ${bundle} ended without a line. Its stderr:\n${stderr}`);
      return JSON.parse(next.value) as unknown;
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    kill: (signal) => child.kill(signal),
  };
}
