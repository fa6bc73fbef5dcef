import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Ending } from "@agent-control-plane/core";
import { type Scenario, type ScriptedModel, startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkBackend, ollamaBackend, type Resumed } from "../../src/backends/index.ts";
import { findMarked, readEnding, sessionEnvironment, sessionFiles, stopSession } from "../../src/session/index.ts";
import { ollamaProgram } from "../fixtures/ollama-program.ts";
import { openSessionBench, type SessionBench } from "../fixtures/session-bench.ts";

let bench: SessionBench;
let model: ScriptedModel;
let file: string;
beforeAll(async () => {
  bench = await openSessionBench();
  model = await startScriptedModel();
  file = await ollamaProgram(bench.root);
});
afterAll(async () => {
  await bench?.tearDown();
  await model?.close();
});

let launched = 0;
const settingsFor = (url: string, more: object = {}) =>
  ollamaBackend.settings.parse({ file, model: "m", base_url: url, response_timeout_seconds: 20, ...more });

function launch(
  url: string,
  change: { prompt?: string; resumed?: Resumed; stateDir?: string; settings?: object } = {},
) {
  launched += 1;
  const sessionId = `s-ollama-${launched}-${process.pid}`;
  const runDir = join(bench.root, sessionId);
  const cwd = join(runDir, "worktree");
  mkdirSync(cwd, { recursive: true });
  const promptFile = sessionFiles.prompt(runDir);
  writeFileSync(promptFile, `${change.prompt ?? "Write hello.txt."}\n`);
  const prepared = ollamaBackend.command({
    ...{ model: "m", promptFile, runDir, cwd, settings: settingsFor(url, change.settings) },
    stateDir: change.stateDir ?? sessionFiles.home(runDir),
    resume: change.resumed?.nativeSessionId ?? null,
  });
  const env = sessionEnvironment({
    ...{ sessionId, runDir, cwd, promptFile, repoSlug: "a/b", branch: "agent/issue-1", backend: prepared.env },
    ...{ host: { PATH: process.env.PATH, MODEL_KEY: "key-of-the-model" }, pass: ["MODEL_KEY"] },
  });
  const { command } = prepared;
  const resumed = change.resumed ? { resumed: change.resumed } : {};
  return bench.launch({ sessionId, runDir, cwd, backend: "ollama", command, env, isolation: "auto", ...resumed });
}

async function ended(session: ReturnType<typeof launch>): Promise<Ending> {
  await session.untilGone();
  const ending = readEnding(session.spec.runDir);
  if (!ending) throw new Error(`no ending; it said ${session.output()}`);
  return ending;
}

const asked = (scenario: Scenario) => JSON.stringify(model.requests().filter((one) => one.scenario === scenario));

test("a session edits a file, counts its tokens, and a later one goes on with its conversation", async () => {
  const stateDir = join(bench.root, "state");
  const first = launch(model.url("success"), { stateDir, prompt: "The word is ALBATROSS." });
  const before = await ended(first);
  expect(before, first.output()).toMatchObject({ exitReason: "finished", summary: "DONE", failureReason: null });
  expect(before.usage).toMatchObject({ inputTokens: 2400, outputTokens: 68 });
  expect(readFileSync(join(first.spec.cwd, "hello.txt"), "utf8")).toBe("hi\n");
  const nativeSessionId = before.nativeSessionId ?? "";
  expect(existsSync(join(stateDir, "ollama", `${nativeSessionId}.json`))).toBe(true);

  const resumed = { nativeSessionId, usageBefore: before.usage };
  const after = await ended(launch(model.url("success"), { stateDir, resumed, prompt: "Go on." }));
  // Its own tokens alone: the model only talked, was told once to use its tools, and talked again.
  expect(after).toMatchObject({
    exitReason: "finished",
    nativeSessionId,
    usage: { inputTokens: 2400, outputTokens: 68 },
  });
  const last = JSON.stringify(model.requests().at(-1)?.body);
  expect(last).toMatch(/ALBATROSS.*run_command.*DONE.*Go on\./);
});

test("a conversation that is not known is refused before a model is asked", async () => {
  const resumed = { nativeSessionId: "6d1f4a7e-0000-4000-8000-000000000000", usageBefore: {} };
  const ending = await ended(launch(model.url("401"), { resumed }));
  expect(ending).toMatchObject({ exitReason: "failed", failureReason: "resume-refused" });
  expect(asked("401")).toBe("[]");
});

test("stopped while a tool runs, it is gone with all it started, and its conversation goes on", async () => {
  const stateDir = join(bench.root, "stopped");
  const session = launch(model.url("long-tool"), { stateDir });
  await session.untilOutput("tool-start");
  const since = performance.now();
  expect(stopSession(session.wrapper)).toBe(true);
  const ending = await ended(session);
  expect(ending).toMatchObject({ exitReason: "stopped", processes: { survivors: 0 } });
  expect(findMarked(session.spec.sessionId)).toEqual([]);
  expect(performance.now() - since).toBeLessThan(10_000);
  const resumed = { nativeSessionId: ending.nativeSessionId ?? "", usageBefore: ending.usage };
  const next = await ended(launch(model.url("refusal"), { stateDir, resumed, prompt: "Go on." }));
  expect(next).toMatchObject({ exitReason: "finished" });
  const { messages } = (model.requests().at(-1)?.body ?? {}) as { messages: { role: string }[] };
  expect(messages.map(({ role }) => role).slice(0, 5)).toEqual(["system", "user", "assistant", "tool", "user"]);
});

/** A model without tools, at a server that wants a key: it writes its calls into its text. */
async function toollessModel(): Promise<{
  server: Server;
  url: string;
  bodies: Record<string, unknown>[];
  keys: string[];
}> {
  const answers = [
    'First I look:\n```json\n{"name": "run_command", "arguments": {"command": "env > seen.txt"}}\n```',
    '{"tool": "write_file", "path": "../escape.txt", "content": "x"}',
    '{"tool": "browse", "args": {}}',
    '<tool_call>{"name": "write_file", "arguments": {"path": "a/b.txt", "content": "b\n"}}</tool_call>',
    "All done.",
  ];
  const bodies: Record<string, unknown>[] = [];
  const keys: string[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    keys.push(request.headers.authorization ?? "");
    const body = JSON.parse(text) as Record<string, unknown>;
    if (request.url !== "/api/chat") return void response.writeHead(200).end("{}");
    bodies.push(body);
    if (body.tools) {
      return void response.writeHead(400).end('{"error":"registry.ollama.ai/library/m:latest does not support tools"}');
    }
    const content = answers[bodies.filter(({ tools }) => !tools).length - 1];
    response.write(`${JSON.stringify({ message: { role: "assistant", content }, done: false })}\n`);
    response.end(`${JSON.stringify({ done: true, done_reason: "stop", prompt_eval_count: 500, eval_count: 20 })}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, bodies, keys, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a model without tools works all the same, is told of its mistakes, and its key reaches no command", async () => {
  const { server, url, bodies, keys } = await toollessModel();
  try {
    const settings = { api_key_env: "MODEL_KEY", num_ctx: 8192, temperature: 0, keep_alive: "5m" };
    const session = launch(url, { settings });
    const ending = await ended(session);
    expect(ending, session.output()).toMatchObject({ exitReason: "finished", summary: "All done." });
    expect(ending.usage).toMatchObject({ inputTokens: 2500, outputTokens: 100 });
    expect(readFileSync(join(session.spec.cwd, "a", "b.txt"), "utf8")).toBe("b\n");
    expect(existsSync(join(session.spec.runDir, "escape.txt"))).toBe(false);
    const seen = readFileSync(join(session.spec.cwd, "seen.txt"), "utf8");
    expect(seen).toContain("ACP_RESULT_FILE=");
    expect(seen).not.toContain("key-of-the-model");
    expect(keys.every((key) => key === "Bearer key-of-the-model")).toBe(true);
    expect(session.output()).not.toContain("key-of-the-model");
    const last = JSON.stringify(bodies.at(-1));
    expect(last).toMatch(/outside of the worktree.*no tool .{2}browse/);
    expect(bodies.at(-1)).toMatchObject({
      keep_alive: "5m",
      options: { num_ctx: 8192, temperature: 0, num_predict: 2048 },
    });
    // Asked once with tools; then never again.
    expect(bodies.filter(({ tools }) => tools)).toHaveLength(1);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("doctor is told the server's version, or what is wrong with it", async () => {
  const check = (url: string) =>
    checkBackend({ backend: ollamaBackend, settings: settingsFor(url), env: { PATH: process.env.PATH ?? "" } });
  expect(await check(model.url("silence"))).toEqual({ ok: true, version: "ollama 0.13.0, m is there" });
  expect(await check("http://127.0.0.1:9")).toMatchObject({
    ok: false,
    problem: expect.stringMatching(/^Backend "ollama": no Ollama server at .*connection refused/),
  });
  expect(asked("silence")).not.toContain("/api/chat");
});
