import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { lookUpProcess } from "./process-list.ts";
import { isAlive, processMark, signalProcess } from "./process-mark.ts";

/** A process whose parent is gone: it belongs to process 1, or to whatever adopts orphans here. */
async function orphan(): Promise<number> {
  const parent = spawn("sh", ["-c", "sleep 300 >/dev/null 2>&1 & echo $!"], { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  parent.stdout.on("data", (chunk) => {
    said += chunk;
  });
  await once(parent, "close");
  return Number(said.trim());
}

test("a process that got the number of another is neither taken for it nor signalled", async () => {
  const child = spawn("sleep", ["300"], { stdio: "ignore" });
  const own = processMark(child.pid ?? 0);
  if (!own) throw new Error("no process");
  const former = { pid: own.pid, startedMark: `${own.startedMark}0` };
  expect([isAlive(former), signalProcess(former, "SIGKILL")]).toEqual([false, false]);
  expect(isAlive(own)).toBe(true);
  const ended = once(child, "exit");
  expect(signalProcess(own, "SIGKILL")).toBe(true);
  await ended;
  expect([isAlive(own), signalProcess(own, "SIGKILL")]).toEqual([false, false]);
});

test("a process whose parent is gone is as alive as any", async () => {
  const pid = await orphan();
  const mark = processMark(pid);
  if (!mark) throw new Error("no process");
  try {
    expect(lookUpProcess(pid)?.parentPid).not.toBe(process.pid);
    expect(isAlive(mark)).toBe(true);
  } finally {
    expect(signalProcess(mark, "SIGKILL")).toBe(true);
  }
});
