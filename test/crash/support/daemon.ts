import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ProcessMark } from "@agent-control-plane/core";
import { isAlive, processMark } from "@agent-control-plane/runners";
import { builtCli, type Product, until } from "../../support/product.ts";

/** Starts the daemon as a person does, and answers its process. */
export async function startDaemon(product: Product): Promise<ProcessMark> {
  const started = await product.json<{ pid: number }>("runtime", "start", "--profile-id", "web");
  const mark = processMark(started.pid);
  if (!mark) throw new Error(`the daemon ${started.pid} ended right after it said that it was ready`);
  return mark;
}

/** A daemon of ours directly, as a service runs it: also beside another one, and not waited for. */
export function runDaemonBeside(product: Product): { readonly mark: ProcessMark; readonly child: ChildProcess } {
  const log = openSync(join(product.folder, daemonsLog), "a");
  const child = spawn(process.execPath, [builtCli, "runtime", "run", "--profile-id", "web"], {
    env: product.env,
    cwd: product.folder,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const mark = processMark(child.pid ?? 0);
  if (!mark) throw new Error("the daemon could not be started");
  return { mark, child };
}

/** What the daemons that were run beside others logged as errors. */
export function failuresOf(product: Product): readonly string[] {
  const lines = readFileSync(join(product.folder, daemonsLog), "utf8").split("\n");
  return lines.filter((line) => line.startsWith('{"level":"error"'));
}

const daemonsLog = "daemons.log";

/** kill -9, and waits until it is gone. False when it was gone already. */
export async function killHard(mark: ProcessMark): Promise<boolean> {
  if (!isAlive(mark)) return false;
  process.kill(mark.pid, "SIGKILL");
  await until("the killed process is gone", async () => !isAlive(mark), 10_000);
  return true;
}

/** Starts a daemon and kills it after `delayMs`, ready or not. */
export async function killWhileStarting(product: Product, delayMs: number): Promise<void> {
  const { mark } = runDaemonBeside(product);
  await wait(delayMs);
  await killHard(mark);
}
