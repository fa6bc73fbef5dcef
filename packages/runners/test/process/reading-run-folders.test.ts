import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRunFile } from "../../src/session/read-run-file.ts";
import { readEnding, readProcessRecord, readVerification, readWrapperMark } from "../../src/session/session-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acp-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a pipe, a link, a folder and a file without end are not there, and nothing waits for them", () => {
  const at = (name: string) => join(folder, name);
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync("/etc/passwd", at("link"));
  mkdirSync(at("folder"));
  writeFileSync(at("sparse"), "");
  truncateSync(at("sparse"), 1024 ** 3);
  for (const name of ["pipe", "link", "folder", "sparse", "absent"]) expect(readRunFile(at(name)), name).toBe(null);
});

test("of a long file the end can be had", () => {
  const file = join(folder, "log");
  writeFileSync(file, `${"x".repeat(10_000)}end`);
  expect(readRunFile(file, { maxBytes: 5, fromEnd: true })).toBe("xxend");
  expect(readRunFile(file, { maxBytes: 5 })).toBe(null);
  expect(readRunFile(file)).toHaveLength(10_003);
});

test.each(["[1]", "null", "7", "{", '{"exitReason":"finished"}', '{"pid":"../x","startedMark":"y"}', '{"pid":-1}'])(
  "%s is no record of ours, under any name",
  (text) => {
    for (const name of ["ending", "wrapper", "processes", "verification"])
      writeFileSync(join(folder, `${name}.json`), text);
    const found = [readEnding(folder), readWrapperMark(folder), readProcessRecord(folder), readVerification(folder)];
    expect(found).toEqual([null, null, null, null]);
  },
);

test("marks that are none are left out of the record of processes", () => {
  const mark = { pid: 12, startedMark: "34@boot" };
  const marks = [null, { pid: "1" }, mark, { ...mark, pid: -1 }];
  writeFileSync(join(folder, "processes.json"), JSON.stringify({ sessionId: "s", isolation: "process-tree", marks }));
  expect(readProcessRecord(folder)?.marks).toEqual([mark]);
});

test("an ending with a reason outside the list is none of ours", () => {
  const counts = { exitCode: 1, signal: null, startedAt: 1, endedAt: 2, nativeSessionId: null, retryAt: null };
  const ending = { exitReason: "failed", ...counts, usage: {}, summary: "", processes: { killed: 0, survivors: 0 } };
  const read = (failureReason: string) => {
    writeFileSync(join(folder, "ending.json"), JSON.stringify({ ...ending, failureReason }));
    return readEnding(folder)?.failureReason;
  };
  expect(read("worker-exit-failed")).toBe("worker-exit-failed");
  expect(read("because")).toBe(undefined);
});

test("a verification names its logs inside the run folder only", () => {
  const command = { name: "a", command: "b", exitCode: 0, signal: null, durationMs: 1 };
  const write = (logFile: string) => {
    const report = { passed: true, commands: [{ ...command, logFile }] };
    writeFileSync(join(folder, "verification.json"), JSON.stringify(report));
  };
  write("verify-1-a.log");
  expect(readVerification(folder)?.passed).toBe(true);
  write("../../secrets.env");
  expect(readVerification(folder)).toBe(null);
});
