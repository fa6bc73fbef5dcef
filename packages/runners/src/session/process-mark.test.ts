import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { lookUpProcess } from "./process-list.ts";
import { isAlive, processMark, signalProcess } from "./process-mark.ts";
import { findMarked, killAll } from "./process-tree.ts";

const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
afterEach(async () => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
});

test("a process that got the number of the one we marked is neither taken for it nor signalled", async () => {
  const mark = processMark(child.pid ?? 0);
  if (!mark) throw new Error("the process did not start");
  const earlier = { ...mark, startedMark: `${mark.startedMark}-before` };
  expect(isAlive(earlier)).toBe(false);
  expect(signalProcess(earlier, "SIGKILL")).toBe(false);
  expect(isAlive(mark)).toBe(true);
  const gone = once(child, "exit");
  expect(signalProcess(mark, "SIGKILL")).toBe(true);
  await gone;
  expect(isAlive(mark)).toBe(false);
});

test("a session's processes are those of its whole name, and not of one that begins like it", async () => {
  const long = spawn("sleep", ["300"], {
    stdio: "ignore",
    env: { PATH: process.env.PATH, ACP_SESSION_ID: "s-test-12" },
  });
  await once(long, "spawn");
  try {
    const found = (id: string) => findMarked(id).map(({ pid }) => pid);
    // Between fork and exec a child has its parent's environment.
    await vi.waitFor(() => expect(found("s-test-12")).toEqual([long.pid]));
    expect([found("s-test-1"), found("s-test"), found("s-test-123"), found("test-12")]).toEqual([[], [], [], []]);
    expect(await killAll("s-test-1", () => [], 1_000)).toEqual({ killed: 0, survivors: 0 });
    expect(long.exitCode ?? long.signalCode).toBe(null);
    expect(await killAll("s-test-12", () => [], 8_000)).toEqual({ killed: 1, survivors: 0 });
  } finally {
    long.kill("SIGKILL");
  }
});

test("a process whose parent is gone is as alive as any", async () => {
  const parent = spawn("sh", ["-c", "sleep 300 >/dev/null 2>&1 & echo $!"], { stdio: ["ignore", "pipe", "ignore"] });
  let said = "";
  parent.stdout.on("data", (chunk) => {
    said += chunk;
  });
  await once(parent, "close");
  const mark = processMark(Number(said.trim()));
  if (!mark) throw new Error("the process did not start");
  try {
    expect(lookUpProcess(mark.pid)?.parentPid).not.toBe(parent.pid);
    expect(isAlive(mark)).toBe(true);
  } finally {
    expect(signalProcess(mark, "SIGKILL")).toBe(true);
  }
});
