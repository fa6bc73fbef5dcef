import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Scenario, type ScriptedModel, startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkBackend } from "../../src/backends/index.ts";
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
import { type InstalledCli, installedCli } from "./clis.ts";
import { row as gemini } from "./expectations/gemini.ts";
import { row as pi } from "./expectations/pi.ts";

/** What a conversation of the real programs is beyond one session, and what a repository may not do to them. */
let bench: SessionBench;
let model: ScriptedModel;
beforeAll(async () => {
  bench = await openSessionBench();
  model = await startScriptedModel();
});
afterAll(async () => {
  await bench?.tearDown();
  await model?.close();
});

describe.each([gemini, pi])("$backend.name", (row) => {
  const { backend } = row;
  let cli: Exclude<InstalledCli, { missing: string }>;
  let launched = 0;
  beforeAll(async () => {
    const found = await installedCli(row.cli ?? "node24");
    if ("missing" in found) throw new Error(`${backend.name} cannot run here: ${found.missing}`);
    cli = found;
  }, 300_000);

  interface Launch extends Partial<SessionSpec> {
    readonly scenario?: Scenario;
    readonly prompt?: string;
    readonly resume?: string | null;
    readonly stateDir?: string;
    readonly inRepository?: Readonly<Record<string, string>>;
    readonly withoutKey?: boolean;
  }

  function launch({
    scenario = "success",
    prompt = "Write hello.txt.",
    resume = null,
    stateDir,
    inRepository = {},
    withoutKey,
    ...change
  }: Launch = {}) {
    launched += 1;
    const sessionId = `c-${backend.name}-${launched}-${process.pid}`;
    const runDir = join(bench.root, sessionId);
    const cwd = join(runDir, "worktree");
    for (const [path, text] of Object.entries({ "README.md": "A project.\n", ...inRepository })) {
      mkdirSync(join(cwd, path, ".."), { recursive: true });
      writeFileSync(join(cwd, path), text);
    }
    const promptFile = sessionFiles.prompt(runDir);
    writeFileSync(promptFile, prompt);
    const at = { url: model.url(scenario), scenario, file: cli.file };
    const own = withoutKey ? {} : row.env(at);
    const prepared = backend.command({
      ...{ promptFile, runDir, cwd, resume, model: row.model, stateDir: stateDir ?? sessionFiles.home(runDir) },
      settings: row.settings(at) as { readonly [key: string]: unknown },
    });
    const env = sessionEnvironment({
      ...{ sessionId, runDir, cwd, promptFile, repoSlug: "a/b", branch: "agent/issue-1", backend: prepared.env },
      ...{ host: { PATH: cli.path, ...own }, pass: Object.keys(own) },
    });
    const limits = { startupMs: 60_000, stallMs: 60_000, wallClockMs: 120_000, graceMs: 5_000 };
    const { command, files = [] } = prepared;
    const spec = { sessionId, runDir, cwd, env, command, files, limits, backend: backend.name };
    return bench.launch({ ...spec, isolation: "process-tree", ...change });
  }
  const stateOf = (conversation: string) =>
    openStateFolder(bench.root, `${backend.name}-${conversation}`, backend.capabilities.resume?.keeps ?? []);
  const askedSince = (since: number) =>
    model
      .requests()
      .slice(since)
      .map(({ body }) => JSON.stringify(body))
      .join("\n");

  test("goes on with its own conversation, in another worktree, and counts what is new", async () => {
    const first = launch({ stateDir: stateOf("one"), prompt: "The word is ALBATROSS." });
    await first.untilGone();
    const before = readEnding(first.spec.runDir);
    expect(before, first.output()).toMatchObject({ exitReason: "finished" });
    const nativeSessionId = before?.nativeSessionId ?? "";
    const [stateDir, since] = [stateOf("one"), model.requests().length];
    const resumed = { nativeSessionId, usageBefore: before?.usage ?? {} };
    const second = launch({ stateDir, resume: nativeSessionId, resumed, prompt: "Go on: KITTIWAKE." });
    await second.untilGone();
    const after = readEnding(second.spec.runDir);
    expect(after, second.output()).toMatchObject({ exitReason: "finished" });
    expect(askedSince(since)).toContain("ALBATROSS");
    expect(askedSince(since)).toContain("KITTIWAKE");
    expect(askedSince(since)).not.toContain(first.spec.cwd);
    // One call of the model, where the first session made two.
    expect(after?.usage.inputTokens).toBe((before?.usage.inputTokens ?? 0) / 2);
    // A third goes on where the second ended, whatever it is called by now.
    const nextId = after?.nativeSessionId ?? "";
    const third = launch({
      stateDir: stateOf("one"),
      resume: nextId,
      resumed: { ...resumed, nativeSessionId: nextId },
    });
    await third.untilGone();
    expect(readEnding(third.spec.runDir), third.output()).toMatchObject({ exitReason: "finished" });
    expect(askedSince(since + 1)).toContain("ALBATROSS");
    expect(askedSince(since + 1)).toContain("KITTIWAKE");
  });

  test("knows nothing of a conversation in another state folder, and says so before it asks the model", async () => {
    const first = launch({ stateDir: stateOf("two"), prompt: "The word is PUFFIN." });
    await first.untilGone();
    const nativeSessionId = readEnding(first.spec.runDir)?.nativeSessionId ?? "";
    const since = model.requests().length;
    const resumed = { nativeSessionId, usageBefore: {} };
    const stolen = launch({ stateDir: stateOf("three"), resume: nativeSessionId, resumed });
    await stolen.untilGone();
    const ending = readEnding(stolen.spec.runDir);
    expect(ending, stolen.output()).toMatchObject({ exitReason: "failed", failureReason: "resume-refused" });
    expect(model.requests().slice(since)).toEqual([]);
  });

  test("takes a prompt that is too long for a command line", async () => {
    const since = model.requests().length;
    const session = launch({ scenario: "refusal", prompt: `${"a line of text\n".repeat(20_000)}THE-END` });
    await session.untilGone();
    expect(readEnding(session.spec.runDir), session.output().slice(-2_000)).toMatchObject({ exitReason: "finished" });
    expect(askedSince(since)).toContain("THE-END");
  });

  test("runs nothing that a repository brings along, and asks no other host", async () => {
    const mark = join(bench.root, `${backend.name}-was-here`);
    const run = `touch ${mark}`;
    const session = launch({
      inRepository: {
        ".gemini/settings.json": JSON.stringify({
          mcpServers: { own: { command: "sh", args: ["-c", run] } },
          ...(isShared(bench.root) ? {} : { tools: { discoveryCommand: run } }),
          hooks: { SessionStart: [{ hooks: [{ type: "command", command: run }] }] },
        }),
        ".gemini/.env": "GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:1\n",
        ".env": "GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:1\nOPENAI_BASE_URL=http://127.0.0.1:1\n",
        ".pi/settings.json": JSON.stringify({ extensions: ["./extensions/own.ts"] }),
        ".pi/extensions/own.ts": `import { writeFileSync } from "node:fs";\nwriteFileSync(${JSON.stringify(mark)}, "");\nexport default () => {};\n`,
      },
    });
    await session.untilGone();
    expect(readEnding(session.spec.runDir), session.output()).toMatchObject({ exitReason: "finished" });
    expect(() => readFileSync(mark)).toThrow(/ENOENT/);
  });

  test("is stopped while a tool runs, also where there is no namespace", async () => {
    const session = launch({ scenario: "long-tool" });
    await session.untilOutput(backend.name === "pi" ? "tool_execution_start" : '"tool_use"');
    const asked = performance.now();
    expect(stopSession(session.wrapper)).toBe(true);
    await session.untilGone();
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(readEnding(session.spec.runDir)).toMatchObject({ exitReason: "stopped", processes: { survivors: 0 } });
    expect(findMarked(session.spec.sessionId)).toEqual([]);
  });

  test("says that there is no key", async () => {
    const session = launch({ withoutKey: true });
    await session.untilGone();
    const ending = readEnding(session.spec.runDir);
    expect(ending, session.output()).toMatchObject({ exitReason: "failed", failureReason: "auth-failure" });
    expect(ending?.summary).toMatch(/key/i);
  });

  test("prints its version when asked", async () => {
    const settings = { file: cli.file };
    const health = await checkBackend({ backend, settings, env: { PATH: cli.path } });
    expect(health).toMatchObject({ ok: true, version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  test("has its key in the environment alone", async () => {
    const session = launch();
    await session.untilGone();
    const { command, files, runDir } = session.spec;
    expect(readEnding(runDir)).toMatchObject({ exitReason: "finished" });
    expect(JSON.stringify({ command, files })).not.toContain("sk-test");
    const home = sessionFiles.home(runDir);
    const written = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(written.length).toBeGreaterThan(2);
    const texts = written.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
    expect(texts.filter((text) => text.includes("sk-test"))).toEqual([]);
    expect(readFileSync(sessionFiles.events(runDir), "utf8")).not.toContain("sk-test");
  });
});

/** Where any account may write, the repository's settings win over ours: see docs/backends.md. */
const isShared = (root: string): boolean => root.startsWith("/tmp/");
