import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  availableIsolation,
  findMarked,
  readEnding,
  readVerification,
  readWrapperMark,
  reapSession,
  stopSession,
} from "../../src/session/index.ts";
import { listProcesses } from "../../src/session/process-list.ts";
import { isAlive, signalProcess } from "../../src/session/process-mark.ts";
import { fixture } from "../fixtures/bundle-wrapper.ts";
import { openSessionBench, type SessionBench, waitFor } from "../fixtures/session-bench.ts";

let bench: SessionBench;
beforeAll(async () => {
  bench = await openSessionBench();
});
afterAll(() => bench.tearDown());

const node = JSON.stringify(process.execPath);
const isolations =
  availableIsolation() === "pid-namespace" ? (["pid-namespace", "process-tree"] as const) : (["process-tree"] as const);

/** Processes anywhere on this machine that have `marker` among their arguments. */
function withArgument(marker: string): readonly number[] {
  return [...listProcesses().keys()].filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(marker);
    } catch {
      return false;
    }
  });
}

describe("ending by itself", () => {
  test.each(isolations)("a program that exits with 0 is finished (%s)", async (isolation) => {
    const session = bench.launch({ isolation, shell: 'echo "hello from $ACP_SESSION_ID"' });
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending).toMatchObject({ exitReason: "finished", failureReason: null, exitCode: 0, signal: null });
    expect(ending?.processes.survivors).toBe(0);
    expect(ending?.summary).toBe(`hello from ${session.spec.sessionId}`);
    const calls = session.calls().filter(({ call }) => call !== "heartbeat");
    expect(calls.map(({ call }) => call)).toEqual(["start", "end", "close"]);
    expect(calls[1]?.ending).toEqual(ending);
    expect(readWrapperMark(session.spec.runDir)).toEqual(session.wrapper);
  });

  test.each(isolations)("a program that exits with another code failed (%s)", async (isolation) => {
    const session = bench.launch({ isolation, shell: "echo broken >&2; exit 3" });
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending).toMatchObject({ exitReason: "failed", failureReason: "worker-exit-failed", exitCode: 3 });
    expect(session.output()).toContain("[stderr] broken");
  });

  test.each(isolations)("a program ended by a signal that was not ours was killed (%s)", async (isolation) => {
    const session = bench.launch({ isolation, shell: "kill -SEGV $$" });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "killed", exitCode: null, signal: "SIGSEGV" });
  });

  test.each(isolations)("a program that is not there failed (%s)", async (isolation) => {
    const command = { file: "acp-no-such-program", args: [], stopSignal: "SIGTERM" as const };
    const session = bench.launch({ isolation, command });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "failed", failureReason: "agent-not-found" });
  });

  test("a session whose worktree is not there failed and says so", async () => {
    const session = bench.launch({ shell: "true", cwd: join(bench.root, "gone") });
    rmSync(session.spec.cwd, { recursive: true });
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending).toMatchObject({ exitReason: "failed", failureReason: "runner-aborted-before-completion" });
    expect(ending?.summary).toContain("gone is not there");
    expect(session.calls().some(({ call }) => call === "end")).toBe(true);
  });

  test("its standard input is empty, or the file that was named", async () => {
    const silent = bench.launch({ shell: 'cat; echo "read to the end"' });
    const prompt = join(bench.root, "prompt.md");
    writeFileSync(prompt, "the prompt\n");
    const command = { file: "/bin/cat", args: [], stdinFile: prompt, stopSignal: "SIGTERM" as const };
    const fed = bench.launch({ command });
    await Promise.all([silent.untilGone(), fed.untilGone()]);
    expect(silent.output()).toBe("read to the end\n");
    expect(fed.output()).toBe("the prompt\n");
  });
});

describe("ending it", () => {
  test("a stop request ends a program that leaves when asked", async () => {
    const session = bench.launch({ shell: 'trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.1; done' });
    await session.untilOutput("ready");
    expect(stopSession(session.wrapper)).toBe(true);
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stopped", processes: { survivors: 0 } });
    expect(session.output()).toContain("bye");
  });

  test.each(isolations)("nothing lives of a program that ignores every request (%s)", async (isolation) => {
    const session = bench.launch({ isolation, shell: `exec ${node} ${fixture("ignores-term.mjs")}` });
    await session.untilOutput("ready");
    expect(findMarked(session.spec.sessionId).length).toBeGreaterThan(0);
    stopSession(session.wrapper);
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stopped", processes: { survivors: 0 } });
    expect(findMarked(session.spec.sessionId)).toEqual([]);
  });

  test.runIf(isolations.includes("pid-namespace" as never))(
    "in a namespace nothing lives of a tree that double-forks, scrubs its environment and ignores TERM",
    async () => {
      const marker = `acp-test-${process.pid}-ns`;
      const shell = `exec ${node} ${fixture("double-forks.mjs")} ${marker}`;
      const session = bench.launch({ isolation: "pid-namespace", shell });
      await session.untilOutput("ready");
      expect(withArgument(marker).length).toBeGreaterThan(1);
      stopSession(session.wrapper);
      await session.untilGone();
      expect(withArgument(marker)).toEqual([]);
      expect(readEnding(session.spec.runDir)?.processes).toMatchObject({ survivors: 0 });
    },
  );

  test.each(["scrubs", "keeps-mark"])("without a namespace the recorded tree ends (grandchild %s)", async (how) => {
    const marker = `acp-test-${process.pid}-${how}`;
    const env = { PATH: process.env.PATH ?? "", LINGER_MS: how === "scrubs" ? "1500" : "0" };
    const shell = `exec ${node} ${fixture("double-forks.mjs")} ${marker} ${how}`;
    const session = bench.launch({
      shell,
      env: { ...env, ACP_SESSION_ID: `s-${how}-${process.pid}` },
      sessionId: `s-${how}-${process.pid}`,
    });
    await session.untilOutput("ready");
    // The parent between is gone: what is left of the family tree is only in the record.
    await waitFor("the parent between to leave", () =>
      withArgument(marker).every((pid) => parentOf(pid) === 1 || pid === mainOf(marker)),
    );
    expect(withArgument(marker).length).toBe(2);
    stopSession(session.wrapper);
    await session.untilGone();
    expect(withArgument(marker)).toEqual([]);
    expect(readEnding(session.spec.runDir)?.processes.killed).toBeGreaterThan(0);
  });

  function parentOf(pid: number): number | undefined {
    return listProcesses().get(pid)?.parentPid;
  }
  function mainOf(marker: string): number | undefined {
    return withArgument(marker).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("double-forks"));
  }

  test("background processes of a program that finished do not outlive it", async () => {
    const shell = "sleep 1000 & setsid sleep 1000 & echo done";
    const session = bench.launch({ shell });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({
      exitReason: "finished",
      processes: { killed: 2, survivors: 0 },
    });
    expect(findMarked(session.spec.sessionId)).toEqual([]);
  });

  test("a session without any sign of life is stalled", async () => {
    const limits = { startupMs: 400, stallMs: 30_000, wallClockMs: 60_000, graceMs: 200 };
    const session = bench.launch({ shell: "exec sleep 1000", limits });
    await session.untilGone();
    const failureReason = "no-agent-output-before-stall-threshold";
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stalled", failureReason });
  });

  test("a session without progress is stalled", async () => {
    const limits = { startupMs: 30_000, stallMs: 600, wallClockMs: 60_000, graceMs: 200 };
    const session = bench.launch({ shell: "echo begun; exec sleep 1000", limits });
    await session.untilGone();
    const failureReason = "no-agent-progress-before-stall-threshold";
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stalled", failureReason });
  });

  test.each([
    ["uses the processor", `exec ${node} -e "for (const end = Date.now() + 2500; Date.now() < end;);"`],
    ["changes the worktree", "for i in 1 2 3 4 5 6 7 8; do sleep 0.3; echo $i > file; done"],
  ])("a silent session that %s is not stalled", async (_, shell) => {
    const limits = { startupMs: 1_200, stallMs: 1_200, wallClockMs: 60_000, graceMs: 200 };
    const session = bench.launch({ shell, limits });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "finished" });
  });

  describe("a tool call that has begun and not ended", () => {
    const says = (...lines: readonly object[]) =>
      lines.map((line) => `printf '%s\\n' '${JSON.stringify(line)}'`).join("; ");
    const init = { type: "system", subtype: "init", session_id: "c-1" };
    const tool = { type: "assistant", message: { content: [{ type: "tool_use", id: "t1", name: "Bash", input: {} }] } };
    const limits = { startupMs: 30_000, stallMs: 600, toolMs: 2_000, wallClockMs: 60_000, graceMs: 200 };

    test("keeps a silent session alive for as long as a tool may take, and no longer", async () => {
      const session = bench.launch({ backend: "claude", shell: `${says(init, tool)}; exec sleep 1000`, limits });
      await session.untilGone();
      const ending = readEnding(session.spec.runDir);
      const failureReason = "no-agent-progress-before-stall-threshold";
      expect(ending).toMatchObject({ exitReason: "stalled", failureReason });
      expect((ending?.endedAt ?? 0) - (ending?.startedAt ?? 0)).toBeGreaterThanOrEqual(2_600);
    });

    test("is over when it ends: the next silence is a stall", async () => {
      const over = { type: "user", message: { content: [{ type: "tool_result", tool_use_id: "t1" }] } };
      const shell = `${says(init, tool, over)}; exec sleep 1000`;
      const session = bench.launch({ backend: "claude", shell, limits: { ...limits, toolMs: 50_000 } });
      await session.untilGone();
      expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stalled" });
    });
  });

  test("a program that asks for an approval and waits is ended with that reason, however long its grace is", async () => {
    const asks = { type: "control_request", request_id: "r1", request: { subtype: "can_use_tool", tool_name: "Bash" } };
    const shell = `trap '' TERM; echo '${JSON.stringify(asks)}'; while :; do sleep 0.1; done`;
    const limits = { startupMs: 50_000, stallMs: 50_000, wallClockMs: 60_000, graceMs: 50_000 };
    const session = bench.launch({ backend: "claude", shell, limits });
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending).toMatchObject({
      exitReason: "failed",
      failureReason: "approval-asked",
      processes: { survivors: 0 },
    });
    expect(ending?.summary).toContain("Bash");
    const events = readFileSync(join(session.spec.runDir, "events.jsonl"), "utf8");
    expect(events).toContain('"kind":"approval"');
  });

  test("a session over its wall clock is timed out, however busy it is", async () => {
    const limits = { startupMs: 30_000, stallMs: 30_000, wallClockMs: 700, graceMs: 200 };
    const session = bench.launch({ shell: "while :; do echo busy; sleep 0.05; done", limits });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "timed-out", failureReason: "timeout" });
  });
});

describe("the lease", () => {
  test("a session that may not start starts nothing", async () => {
    const sessionId = `s-not-started-${process.pid}`;
    const session = bench.launch({ sessionId, shell: "touch started", storePath: refusingStore() });
    await session.untilGone();
    expect(existsSync(join(session.spec.cwd, "started"))).toBe(false);
    expect(readEnding(session.spec.runDir)).toBeNull();
  });

  function refusingStore(): string {
    const folder = join(bench.root, "refusing");
    mkdirSync(folder, { recursive: true });
    for (const call of ["start", "heartbeat", "end"]) writeFileSync(join(folder, call), "lost");
    return folder;
  }

  test("a lost lease ends the session", async () => {
    const session = bench.launch({ shell: "echo ready; exec sleep 1000" });
    await session.untilOutput("ready");
    session.storeSays("heartbeat", "lost");
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "lost", failureReason: "lease-lost" });
  });

  test("a cancelled task's session is stopped", async () => {
    const session = bench.launch({ shell: "echo ready; exec sleep 1000" });
    await session.untilOutput("ready");
    session.storeSays("heartbeat", "cancel");
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stopped", summary: "cancelled" });
  });

  test("without a store the session ends inside its trust window, and the ending waits for the store", async () => {
    const session = bench.launch({ shell: "echo ready; exec sleep 1000", leaseMs: 1_500 });
    await session.untilOutput("ready");
    session.storeSays("end", "down");
    session.storeSays("heartbeat", "down");
    await waitFor("the ending on disk", () => readEnding(session.spec.runDir) !== null);
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "lost", failureReason: "store-unreachable" });
    await waitFor("two tries", () => session.calls().filter(({ call }) => call === "end").length >= 2);
    session.storeSays("end", "ok");
    await session.untilGone();
    expect(session.calls().at(-1)?.call).toBe("close");
  });
});

describe("output", () => {
  test("a flood is cut and rotated, does not end the session, and leaves the wrapper small", async () => {
    const session = bench.launch({ shell: `exec ${node} ${fixture("floods-output.mjs")} 60` });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "finished", summary: "flood over" });
    for (const name of ["output.log", "events.jsonl"]) {
      const sizes = [name, `${name}.1`].map((file) => statSync(join(session.spec.runDir, file)).size);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10 * 1024 * 1024);
    }
    const rssKb = session.calls().at(-1)?.rssKb ?? Number.POSITIVE_INFINITY;
    expect(rssKb).toBeLessThan(160 * 1024);
  });
});

describe("the result file", () => {
  test("is taken from the worktree", async () => {
    const shell = `mkdir .acp; printf '{"outcome":"implemented"}' > .acp/result.json`;
    const session = bench.launch({ shell });
    await session.untilGone();
    expect(readFileSync(join(session.spec.runDir, "result.json"), "utf8")).toBe('{"outcome":"implemented"}');
  });

  test("is not one that was there before the session", async () => {
    const cwd = join(bench.root, "with-a-committed-result");
    mkdirSync(join(cwd, ".acp"), { recursive: true });
    writeFileSync(join(cwd, ".acp", "result.json"), '{"outcome":"implemented"}');
    const session = bench.launch({ cwd, shell: "true" });
    await session.untilGone();
    expect(existsSync(join(session.spec.runDir, "result.json"))).toBe(false);
  });

  test.each([
    ["a symbolic link", "mkdir .acp; ln -s /etc/hostname .acp/result.json"],
    ["a folder that is a link", "ln -s /etc .acp"],
    ["a pipe", "mkdir .acp; mkfifo .acp/result.json"],
    ["larger than its bound", "mkdir .acp; head -c 300000 /dev/zero > .acp/result.json"],
  ])("is not taken when it is %s", async (_, shell) => {
    const session = bench.launch({ shell });
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "finished" });
    expect(existsSync(join(session.spec.runDir, "result.json"))).toBe(false);
    expect(readFileSync(join(session.spec.runDir, "result.refused"), "utf8")).toMatch(/was not taken/);
  });
});

describe("verification", () => {
  const verify = (commands: readonly string[]) => ({
    kind: "verify" as const,
    verify: { commands: commands.map((command, index) => ({ name: `check ${index + 1}`, command })) },
  });

  test("runs every check and is finished when all pass", async () => {
    const session = bench.launch(verify(["echo one", "echo two >&2"]));
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "finished", summary: "2 of 2 checks passed" });
    const verification = readVerification(session.spec.runDir);
    expect(verification).toMatchObject({ passed: true, commands: [{ exitCode: 0 }, { exitCode: 0 }] });
    const log = verification?.commands[1]?.logFile ?? "";
    expect(readFileSync(join(session.spec.runDir, log), "utf8")).toBe("[stderr] two\n");
  });

  test("stops at the first check that fails", async () => {
    const session = bench.launch(verify(["true", "exit 7", "touch too-far"]));
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({
      exitReason: "failed",
      failureReason: "verification-failed",
      exitCode: 7,
      summary: 'check "check 2" failed: exit code 7',
    });
    expect(readVerification(session.spec.runDir)).toMatchObject({ passed: false, commands: [{}, { exitCode: 7 }] });
    expect(existsSync(join(session.spec.cwd, "too-far"))).toBe(false);
  });
});

describe("after a killed wrapper", () => {
  test.each(isolations)("the session's processes are found and ended (%s)", async (isolation) => {
    const marker = `acp-test-${process.pid}-reap-${isolation}`;
    const shell = `exec ${node} ${fixture("double-forks.mjs")} ${marker} keeps-mark`;
    const session = bench.launch({ isolation, shell });
    await session.untilOutput("ready");
    expect(await reapSession(session.spec)).toEqual({ kind: "wrapper-alive" });
    signalProcess(session.wrapper, "SIGKILL");
    await session.untilGone();
    expect(withArgument(marker).length).toBeGreaterThan(1);
    expect(await reapSession(session.spec)).toMatchObject({ kind: "reaped", survivors: 0 });
    expect(withArgument(marker)).toEqual([]);
    expect(findMarked(session.spec.sessionId)).toEqual([]);
  });

  test("a second look finds nothing to end", async () => {
    const session = bench.launch({ shell: "true" });
    await session.untilGone();
    expect(await reapSession(session.spec)).toEqual({ kind: "reaped", killed: 0, survivors: 0 });
  });
});

test("the wrapper inherits nothing of the daemon's environment but the allowed names", async () => {
  process.env.ACP_TEST_SECRET_TOKEN = "not-for-sessions";
  try {
    const session = bench.launch({ shell: "echo ready; exec sleep 1000" });
    await session.untilOutput("ready");
    const names = readFileSync(`/proc/${session.wrapper.pid}/environ`, "utf8")
      .split("\0")
      .map((pair) => pair.split("=")[0])
      .filter((name) => name !== "");
    expect(["PATH", "HOME", "LANG", "TZ", "TMPDIR"]).toEqual(expect.arrayContaining(names));
    stopSession(session.wrapper);
    await session.untilGone();
    expect(isAlive(session.wrapper)).toBe(false);
  } finally {
    delete process.env.ACP_TEST_SECRET_TOKEN;
  }
});
