import { expect, it } from "vitest";
import type { Task } from "../domain/task.ts";
import { ForgeError } from "../ports.ts";
import { readLogs } from "./read-logs.ts";

const failure = (jobId: number, over: object = {}) => ({
  name: `job ${jobId}`,
  url: null,
  summary: "",
  jobId,
  ...over,
});

function scene(logs: Readonly<Record<number, string | null | Error>>, failures: readonly object[], lane = "pr-fix") {
  const asked: number[] = [];
  const warned: string[] = [];
  const level = "failure";
  const marks = [{ level, path: "src/a.ts", line: 3, title: "", message: `${"x".repeat(284)}s3cret` }];
  const project = {
    source: {
      jobLog: async (jobId: number) => {
        asked.push(jobId);
        const found = logs[jobId] ?? null;
        if (found instanceof Error) throw found;
        return found;
      },
      annotations: async (checkRunId: number) => (checkRunId >= 50 ? marks : []),
    },
    secrets: {
      find: async (text: string) => {
        const start = text.indexOf("s3cret");
        return start < 0 ? [] : [{ start, end: start + 6, kind: "a secret" }];
      },
    },
    log: { warn: (message: string) => void warned.push(message) },
  };
  const payload = { kind: "pull-request", number: 7, failures };
  const task = { id: 1, subject: "pr:7", lane, payload } as unknown as Task;
  return { asked, warned, read: () => readLogs(project as unknown as Parameters<typeof readLogs>[0], task) };
}

it("tells the last lines of at most three failed jobs, without secrets", async () => {
  const logs = { 1: "token=s3cret\nexit 1\n", 2: "two\n", 3: "three\n", 4: "four\n" };
  const { read, asked } = scene(
    logs,
    [1, 2, 3, 4].map((id) => failure(id)),
  );
  expect(await read()).toEqual([
    { name: "job 1", text: "token=[redacted]\nexit 1" },
    { name: "job 2", text: "two" },
    { name: "job 3", text: "three" },
  ]);
  expect(asked).toEqual([1, 2, 3]);
});

it("leaves out what has no log, what the forge does not give, and what fails on the base too", async () => {
  const away = new ForgeError("unreachable", "away");
  const status = { name: "status", url: null, summary: "bad" };
  const failures = [failure(1), status, failure(2), failure(3, { isOfBase: true })];
  const { read, asked, warned } = scene({ 1: away, 2: null, 3: "x" }, failures);
  expect(await read()).toEqual([]);
  expect(asked).toEqual([1, 2]);
  expect(warned).toEqual(["log of a failed check could not be read"]);
});

it("asks nothing for work that is no repair of failed checks", async () => {
  const { read, asked } = scene({ 1: "x" }, [failure(1)], "pr-review");
  expect([await read(), asked]).toEqual([[], []]);
});

it("tells what a job marked as wrong in the code, without secrets, with a log or without", async () => {
  const { read } = scene({ 50: "exit 1\n" }, [failure(50), failure(51)]);
  // Cut to a line only when the secret is out of it.
  const marks = `src/a.ts:3: ${"x".repeat(284)}[red...`;
  expect(await read()).toEqual([
    { name: "job 50", text: "exit 1", marks },
    { name: "job 51", text: "", marks },
  ]);
});
