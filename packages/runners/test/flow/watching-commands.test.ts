import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { attemptEnvironment } from "../../src/flow/attempt-environment.ts";
import { attemptFiles } from "../../src/flow/attempt-files.ts";
import { commandOf } from "../../src/flow/command-of.ts";
import { lookAtCommand } from "../../src/flow/look-at-command.ts";
import { endCommand, runCommand } from "../../src/flow/run-command.ts";
import { sweepMarked } from "../../src/flow/sweep-marked.ts";
import { findMarked } from "../../src/session/index.ts";
import { waitFor } from "../fixtures/session-bench.ts";

let root = "";
const begun: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "acp-flow-"));
});
afterEach(() => {
  sweepMarked((id) => begun.includes(id));
  rmSync(root, { recursive: true, force: true });
});

let count = 0;
function attempt(command: string | readonly string[], worker: "shell" | "python" = "shell") {
  count += 1;
  const sessionId = `flow-test-${process.pid}-${count}`;
  begun.push(sessionId);
  const folder = join(root, sessionId);
  const place = { flowId: "f1", taskId: "t", sessionId, attempt: 1, round: 0, folder, judgedFolder: null };
  const env = attemptEnvironment(place, { pass: [], set: { GREETING: "hello" } }, process.env);
  const argv = commandOf({ worker, command });
  if (argv === null) throw new Error("no command");
  const order = { folder, cwd: root, argv, env };
  return { sessionId, folder, order, run: () => runCommand(order) };
}

const said = (folder: string) => readFileSync(attemptFiles.stdout(folder), "utf8");

describe("a command of a flow", () => {
  test("runs with its words, its environment and an empty input, and its exit code is known to all who look", async () => {
    const one = attempt("cat; echo $GREETING $ACP_TASK_ID; echo oops >&2; exit 3");
    expect(await one.run()).toEqual({ exitCode: 3, startError: null });
    expect(said(one.folder)).toBe("hello t\n");
    expect(readFileSync(attemptFiles.stderr(one.folder), "utf8")).toBe("oops\n");
    expect(lookAtCommand(one)).toEqual({ kind: "exited", exitCode: 3 });
  });

  test("may be a list, which no shell reads, or Python's text", async () => {
    const list = attempt(["/bin/echo", "$HOME; `id`"]);
    await list.run();
    expect(said(list.folder)).toBe("$HOME; `id`\n");
    const python = attempt("import os\nprint(os.environ['ACP_FLOW_ID'])", "python");
    expect((await python.run()).exitCode).toBe(0);
    expect(said(python.folder)).toBe("f1\n");
  });

  test("that is not there ends with 127, and one whose folder is not there says so", async () => {
    expect(await attempt(["/no/such/program"]).run()).toEqual({ exitCode: 127, startError: null });
    const lost = attempt("true");
    expect((await runCommand({ ...lost.order, cwd: join(root, "gone") })).startError).toContain("gone");
  });

  test("takes what it left running in its group along", async () => {
    const one = attempt("sleep 1000 & echo started");
    await one.run();
    await waitFor("nothing is left of it", () => findMarked(one.sessionId).length === 0);
  });

  test("takes what left its group along when its mark is swept, and nothing of others", async () => {
    // It has left before the command ends, and its group with it.
    const leaves = `setsid sh -c 'echo > "$TMPDIR/left"; exec sleep 1000' >/dev/null 2>&1 &`;
    const over = attempt(`${leaves} until test -e "$TMPDIR/left"; do sleep 0.01; done`);
    const goesOn = attempt("sleep 1000");
    await over.run();
    const end = goesOn.run();
    await waitFor("it runs", () => findMarked(goesOn.sessionId).length > 0);
    expect(findMarked(over.sessionId)).toHaveLength(1);
    sweepMarked((id) => id === over.sessionId);
    await waitFor("nothing is left of it", () => findMarked(over.sessionId).length === 0);
    expect(findMarked(goesOn.sessionId).length).toBeGreaterThan(0);
    sweepMarked((id) => id === goesOn.sessionId);
    await end;
  });
});

describe("a runtime that comes later", () => {
  test("finds a command running, and its end when it has come", async () => {
    const go = join(root, "go");
    const one = attempt(`while [ ! -e ${go} ]; do sleep 0.02; done; exit 7`);
    const end = one.run();
    await waitFor("it runs", () => lookedAt(one) === "running");
    mkdirSync(go);
    await end;
    expect(lookAtCommand(one)).toEqual({ kind: "exited", exitCode: 7 });
  });

  test("ends a stubborn command and all that belongs to it", async () => {
    const one = attempt(`trap "" TERM; sh -c 'trap "" TERM; sleep 1000' & while :; do sleep 0.05; done`);
    const end = one.run();
    await waitFor("it runs", () => lookedAt(one) === "running");
    const look = lookAtCommand(one);
    if (look.kind !== "running") throw new Error(look.kind);
    expect((await endCommand({ ...one, watcher: look.watcher, graceMs: 100 })).survivors).toBe(0);
    await end;
    expect(findMarked(one.sessionId)).toEqual([]);
  });

  test("sees that a command was killed with its shell", async () => {
    const one = attempt("sleep 1000");
    const end = one.run();
    await waitFor("it runs", () => lookedAt(one) === "running");
    const look = lookAtCommand(one);
    if (look.kind === "running") process.kill(-look.watcher.pid, "SIGKILL");
    await end;
    expect(lookAtCommand(one)).toEqual({ kind: "vanished" });
  });

  test("gives up what never began, for good: a start that comes after it does nothing", async () => {
    const one = attempt(`touch ${join("$ACP_ATTEMPT_DIR", "ran")}`);
    expect(lookAtCommand(one)).toEqual({ kind: "never-begun" });
    await one.run();
    expect(existsSync(join(one.folder, "ran"))).toBe(false);
  });

  test("does not take a stranger with the same number for the command", async () => {
    const stranger = spawn("sleep", ["1000"], { stdio: "ignore" });
    try {
      const one = attempt("exit 5");
      await one.run();
      writeFileSync(attemptFiles.begun(one.folder), `${stranger.pid}\n`);
      expect(lookAtCommand(one)).toEqual({ kind: "exited", exitCode: 5 });
    } finally {
      stranger.kill("SIGKILL");
    }
  });
});

/** Asking would give up an attempt that has not begun. */
const lookedAt = (one: { readonly sessionId: string; readonly folder: string }) =>
  existsSync(attemptFiles.begun(one.folder)) ? lookAtCommand(one).kind : "not yet";
