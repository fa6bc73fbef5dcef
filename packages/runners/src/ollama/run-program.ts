import { type ChildProcess, spawn } from "node:child_process";

export interface ProgramRun {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Both streams in the order they came, the begin and the end of it. */
  readonly output: string;
  readonly ended: "itself" | "time-limit" | "stopped";
  /** It left processes that hold its output open. */
  readonly leftProcesses: boolean;
}

const keptBytes = 512 * 1024;
/** After its end: what it printed last still comes; what it left in the background does not hold us up. */
const drainMs = 300;

/** Runs a program to its end, its time limit, or the stop of the session; with its group when it has to be killed. */
export function runProgram(request: {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}): Promise<ProgramRun> {
  const { file, args, cwd, env, timeoutMs, stop } = request;
  return new Promise((resolve) => {
    const child = spawn(file, [...args], { cwd, env: { ...env }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const output = collectOutput(child);
    let ended: ProgramRun["ended"] = "itself";
    const end = (how: ProgramRun["ended"]) => {
      if (ended === "itself") ended = how;
      killGroup(child);
    };
    const onStop = () => end("stopped");
    const timer = setTimeout(() => end("time-limit"), timeoutMs);
    if (stop.aborted) onStop();
    stop.addEventListener("abort", onStop, { once: true });

    const finish = (exitCode: number | null, signal: string | null, leftProcesses: boolean) => {
      clearTimeout(timer);
      stop.removeEventListener("abort", onStop);
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ exitCode, signal, output: output(), ended, leftProcesses });
    };
    child.once("error", (error) => {
      if (child.pid === undefined) resolve(notStarted(error));
    });
    child.once("exit", (exitCode, signal) => {
      const drain = setTimeout(() => finish(exitCode, signal, true), drainMs);
      child.once("close", () => {
        clearTimeout(drain);
        finish(exitCode, signal, false);
      });
    });
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

/** The first half of what is kept, and the newest other half: a flood costs no memory. */
function collectOutput(child: ChildProcess): () => string {
  const head: Buffer[] = [];
  let tail: Buffer[] = [];
  let [headBytes, tailBytes, dropped] = [0, 0, 0];
  const take = (chunk: Buffer) => {
    if (headBytes < keptBytes / 2) {
      head.push(chunk);
      headBytes += chunk.length;
      return;
    }
    tail.push(chunk);
    tailBytes += chunk.length;
    while (tailBytes - (tail[0]?.length ?? 0) > keptBytes / 2) {
      const first = tail[0]?.length ?? 0;
      tail = tail.slice(1);
      tailBytes -= first;
      dropped += first;
    }
  };
  child.stdout?.on("data", take);
  child.stderr?.on("data", take);
  return () => {
    const middle = dropped > 0 ? `\n[... ${dropped} bytes left out here ...]\n` : "";
    return `${Buffer.concat(head).toString("utf8")}${middle}${Buffer.concat(tail).toString("utf8")}`;
  };
}

const notStarted = (error: Error): ProgramRun => ({
  exitCode: 127,
  signal: null,
  output: `It could not be started: ${error.message}.`,
  ended: "itself",
  leftProcesses: false,
});
