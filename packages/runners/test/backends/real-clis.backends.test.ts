import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Scenario, type ScriptedModel, startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, checkBackend, claudeBackend, codexBackend } from "../../src/backends/index.ts";
import { openStateFolder } from "../../src/conversations.ts";
import {
  findMarked,
  readEnding,
  type SessionSpec,
  sessionEnvironment,
  sessionFiles,
  stopSession,
} from "../../src/session/index.ts";
import { openSessionBench, type SessionBench } from "../fixtures/session-bench.ts";
import { installedCli } from "./clis.ts";

/** The real CLIs, in real sessions, against a scripted model on loopback. */
let bench: SessionBench;
let model: ScriptedModel;
const files: { [name in "claude" | "codex"]: string } = { claude: "", codex: "" };
beforeAll(async () => {
  bench = await openSessionBench();
  model = await startScriptedModel();
  for (const name of ["claude", "codex"] as const) {
    const cli = await installedCli(name);
    if ("missing" in cli) throw new Error(`${name} cannot run here: ${cli.missing}`);
    files[name] = cli.file;
  }
}, 300_000);
afterAll(async () => {
  await bench?.tearDown();
  await model?.close();
});

const settingsOf = (backend: Backend, url: string): object => {
  const own = { file: files[backend.name as keyof typeof files], max_retries: 0, api_key_env: "SCRIPTED_KEY" };
  return { ...own, base_url: backend.name === "codex" ? `${url}/v1` : url };
};

let launched = 0;

interface LaunchChange extends Partial<SessionSpec> {
  readonly ownSettings?: object;
  readonly resume?: string | null;
  readonly stateDir?: string;
  readonly prompt?: string;
}

function launch(
  backend: Backend,
  scenario: Scenario,
  { ownSettings, resume = null, stateDir, prompt = "Write hello.txt.", ...change }: LaunchChange = {},
) {
  launched += 1;
  const sessionId = `s-${backend.name}-${launched}-${process.pid}`;
  const runDir = join(bench.root, sessionId);
  const cwd = join(runDir, "worktree");
  mkdirSync(cwd, { recursive: true });
  writeFileSync(sessionFiles.prompt(runDir), `${prompt}\n`);
  const url = model.url(scenario);
  const promptFile = sessionFiles.prompt(runDir);
  const own = backend.settings.parse({ ...settingsOf(backend, url), ...ownSettings });
  const context = { model: "claude-sonnet-4-5", promptFile, runDir, cwd, settings: own, resume };
  const prepared = backend.command({ ...context, stateDir: stateDir ?? sessionFiles.home(runDir) });
  const env = sessionEnvironment({
    sessionId,
    runDir,
    cwd,
    promptFile,
    repoSlug: "a/b",
    branch: "agent/issue-1",
    host: { PATH: process.env.PATH, SCRIPTED_KEY: "sk-test" },
    pass: ["SCRIPTED_KEY"],
    backend: prepared.env,
  });
  const limits = { startupMs: 60_000, stallMs: 60_000, wallClockMs: 120_000, graceMs: 5_000 };
  const { command } = prepared;
  const spec = { sessionId, runDir, cwd, backend: backend.name, command, env, limits, isolation: "auto" as const };
  return bench.launch({ ...spec, ...change });
}

describe.each([claudeBackend, codexBackend])("$name", (backend) => {
  test("does a turn with a tool and is finished", async () => {
    const session = launch(backend, "success");
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending, session.output()).toMatchObject({ exitReason: "finished", summary: "DONE" });
    expect(readFileSync(join(session.spec.cwd, "hello.txt"), "utf8")).toBe("hi\n");
    expect(ending?.usage.inputTokens).toBeGreaterThan(0);
    expect(ending?.nativeSessionId).toBeTruthy();
    const kinds = readFileSync(join(session.spec.runDir, "events.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).kind);
    expect(kinds).toEqual(expect.arrayContaining(["started", "tool-start", "tool-end", "message", "usage", "result"]));
    expect(JSON.stringify(model.requests().map(({ body }) => body))).toContain("Write hello.txt.");
  });

  /** The state folder of a conversation, as the runner opens it for each of its sessions. */
  const stateOf = (conversation: string) =>
    openStateFolder(bench.root, `${backend.name}-${conversation}`, backend.capabilities.resume?.keeps ?? []);
  const asked = (since: number) =>
    JSON.stringify(
      model
        .requests()
        .slice(since)
        .map(({ body }) => body),
    );

  test("goes on with its own conversation, in another worktree, and counts what is new", async () => {
    const first = launch(backend, "success", { stateDir: stateOf("one"), prompt: "The word is ALBATROSS." });
    await first.untilGone();
    const before = readEnding(first.spec.runDir);
    const nativeSessionId = before?.nativeSessionId ?? "";
    const [stateDir, since] = [stateOf("one"), model.requests().length];
    const resumed = { nativeSessionId, usageBefore: before?.usage ?? {} };
    const second = launch(backend, "success", {
      stateDir,
      resume: nativeSessionId,
      resumed,
      prompt: "Go on: KITTIWAKE.",
    });
    await second.untilGone();
    const after = readEnding(second.spec.runDir);
    expect(after, second.output()).toMatchObject({ exitReason: "finished", nativeSessionId });
    // The model sees what was said before, and the result of the tool that ran then.
    expect(asked(since)).toContain("ALBATROSS");
    expect(asked(since)).toContain("KITTIWAKE");
    expect(asked(since)).toContain(backend.name === "claude" ? "tool_result" : "function_call_output");
    // One call of the model, where the first session made two.
    expect(after?.usage.inputTokens).toBe((before?.usage.inputTokens ?? 0) / 2);
    if (backend.name === "claude") expect(after?.usage.costUsd).toBeCloseTo((before?.usage.costUsd ?? 0) / 2, 9);
  });

  test("knows nothing of a conversation in another state folder, and says so before it asks the model", async () => {
    const first = launch(backend, "success", { stateDir: stateOf("two"), prompt: "The word is PUFFIN." });
    await first.untilGone();
    const nativeSessionId = readEnding(first.spec.runDir)?.nativeSessionId ?? "";
    const other = launch(backend, "success", { stateDir: stateOf("three"), prompt: "Another work." });
    await other.untilGone();
    const since = model.requests().length;
    const resumed = { nativeSessionId, usageBefore: {} };
    const stolen = launch(backend, "success", { stateDir: stateOf("three"), resume: nativeSessionId, resumed });
    await stolen.untilGone();
    const ending = readEnding(stolen.spec.runDir);
    expect(ending, stolen.output()).toMatchObject({ exitReason: "failed", failureReason: "resume-refused" });
    expect(asked(since)).not.toContain("PUFFIN");
    expect(model.requests().slice(since)).toEqual([]);
  });

  test("prints its version when asked", async () => {
    const own = backend.settings.parse(settingsOf(backend, model.url("success")));
    const health = await checkBackend({ backend, settings: own, env: { PATH: process.env.PATH ?? "" } });
    expect(health).toMatchObject({ ok: true, version: expect.stringMatching(/\d+\.\d+\.\d+/) });
  });

  test("says that its login was refused", async () => {
    const session = launch(backend, "401");
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending, session.output()).toMatchObject({ exitReason: "failed", failureReason: "auth-401" });
  });

  test("says that a quota is used up", async () => {
    const session = launch(backend, "429");
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending, session.output()).toMatchObject({ exitReason: "failed", failureReason: "provider-quota-limit" });
  });

  test("is stalled when the model never answers, and nothing of it is left", async () => {
    const limits = { startupMs: 30_000, stallMs: 6_000, wallClockMs: 120_000, graceMs: 3_000 };
    const session = launch(backend, "silence", { limits });
    await session.untilGone();
    expect(readEnding(session.spec.runDir), session.output()).toMatchObject({
      exitReason: "stalled",
      processes: { survivors: 0 },
    });
    expect(findMarked(session.spec.sessionId)).toEqual([]);
  });

  test("is stopped on request", async () => {
    const session = launch(backend, "silence");
    await session.untilOutput(backend.name === "claude" ? '"init"' : "thread.started");
    expect(stopSession(session.wrapper)).toBe(true);
    await session.untilGone();
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stopped", processes: { survivors: 0 } });
  });
});

test("codex writes in its own sandbox, inside ours", async () => {
  const session = launch(codexBackend, "success", { ownSettings: { mode: "safe" } });
  await session.untilGone();
  expect(readEnding(session.spec.runDir), session.output()).toMatchObject({ exitReason: "finished" });
  expect(readFileSync(join(session.spec.cwd, "hello.txt"), "utf8")).toBe("hi\n");
});

test("a backend that is not installed is named, with the place that was searched", async () => {
  const health = await checkBackend({ backend: codexBackend, settings: {}, env: { PATH: "/acp-nowhere" } });
  expect(health).toMatchObject({ ok: false, problem: expect.stringMatching(/"codex".*\/acp-nowhere/) });
});
