import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { isAlive, processMark, signalProcess } from "./process-mark.ts";

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
