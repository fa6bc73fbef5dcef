import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reapSession } from "@agent-control-plane/runners";

export interface ProgramRun {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** On its standard input. */
  readonly input: string;
  readonly timeoutMs: number;
  /** What its processes are known by. */
  readonly mark: string;
  readonly leaving: AbortSignal;
}

export interface ProgramEnd {
  readonly ok: boolean;
  /** `exit 0`, `exit 3: no such host`, `not started: ...`, `stopped: it took longer than 20 s`. */
  readonly answer: string;
}

const mostSaid = 200;
const saidWithinMs = 1_000;

/** Runs a program to its end, or to the end of its time; nothing that it started is left. Never throws. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const [file = "", ...args] = run.argv;
  const child = spawn(file, args, {
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...run.env, ACP_SESSION_ID: run.mark },
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-mostSaid);
  });
  child.stdin.on("error", () => {}); // one that does not read what it is told is fine
  child.stdin.end(run.input);
  const end = await ended(child, run);
  if (child.pid !== undefined) await sweep(run.mark);
  // Nobody is left who could write: what was said comes to its end.
  await Promise.race([once(child.stderr, "close"), sleep(saidWithinMs, null, { ref: false })]);
  child.stderr.destroy();
  const words = said.replaceAll(/\s+/g, " ").trim();
  return end.ok || words === "" ? end : { ...end, answer: `${end.answer}: ${words}` };
}

function ended(
  child: ReturnType<typeof spawn>,
  { timeoutMs, leaving }: Pick<ProgramRun, "timeoutMs" | "leaving">,
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const stop = (answer: string) => {
      finish({ ok: false, answer });
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => stop(`stopped: it took longer than ${timeoutMs / 1000} s`), timeoutMs);
    const leave = () => stop("stopped: the runtime ends");
    const finish = (end: ProgramEnd) => {
      clearTimeout(timer);
      leaving.removeEventListener("abort", leave);
      resolve(end);
    };
    leaving.addEventListener("abort", leave);
    if (leaving.aborted) leave();
    child.once("error", (error) => finish({ ok: false, answer: `not started: ${error.message}` }));
    child.once("exit", (code, signal) =>
      finish({ ok: code === 0, answer: code === null ? `ended by ${signal}` : `exit ${code}` }),
    );
  });
}

const sweep = (mark: string) => reapSession({ sessionId: mark, runDir: join(tmpdir(), mark), proofMs: 5_000 });
