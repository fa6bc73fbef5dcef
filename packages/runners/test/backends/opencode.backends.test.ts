import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ScriptedModel, startScriptedModel, writing } from "@agent-control-plane/scripted-model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkBackend, kiloBackend, opencodeBackend } from "../../src/backends/index.ts";
import { openStateFolder } from "../../src/conversations.ts";
import { readEnding, sessionEnvironment, sessionFiles } from "../../src/session/index.ts";
import { openSessionBench, type SessionBench } from "../fixtures/session-bench.ts";
import { installedCli } from "./clis.ts";

let bench: SessionBench;
let model: ScriptedModel;
beforeAll(async () => {
  bench = await openSessionBench();
  model = await startScriptedModel({ script: { wishes: [writing({ "hello.txt": "hi\n" })] } });
});
afterAll(async () => {
  await bench?.tearDown();
  await model?.close();
});

describe.each([
  ["opencode", opencodeBackend],
  ["kilo", kiloBackend],
] as const)("%s", (name, backend) => {
  let launched = 0;

  async function run(conversation: string, prompt: string, resume: string | null = null) {
    const cli = await installedCli(name);
    if ("missing" in cli) throw new Error(cli.missing);
    launched += 1;
    const sessionId = `s-${name}-${launched}-${process.pid}`;
    const runDir = join(bench.root, sessionId);
    const cwd = join(runDir, "worktree");
    mkdirSync(join(cwd, `.${name}`, "plugin"), { recursive: true });
    execFileSync("git", ["init", "--quiet", cwd], { env: { PATH: process.env.PATH ?? "", HOME: runDir } });
    writeFileSync(join(cwd, "AGENTS.md"), "The bird of this repository is a CORMORANT.\n");
    const planted = `import { writeFileSync } from "node:fs";\nwriteFileSync("planted.txt", "ran");\nexport const P = async () => ({});\n`;
    writeFileSync(join(cwd, `.${name}`, "plugin", "planted.js"), planted);
    const promptFile = sessionFiles.prompt(runDir);
    writeFileSync(promptFile, prompt);
    const stateDir = openStateFolder(bench.root, `${name}-${conversation}`, backend.capabilities.resume?.keeps ?? []);
    const settings = backend.settings.parse({ file: cli.file, base_url: `${model.url("success")}/v1` });
    const prepared = backend.command({ model: "m", promptFile, runDir, cwd, stateDir, settings, resume });
    const since = model.requests().length;
    const session = bench.launch({
      ...{ sessionId, runDir, cwd, backend: name, command: prepared.command, isolation: "auto" },
      env: sessionEnvironment({
        ...{ sessionId, runDir, cwd, promptFile, repoSlug: "a/b", branch: "agent/issue-1", backend: prepared.env },
        ...{ host: { PATH: cli.path, OPENAI_API_KEY: "sk-test" }, pass: ["OPENAI_API_KEY"] },
      }),
      limits: { startupMs: 150_000, stallMs: 100_000, wallClockMs: 200_000, graceMs: 5_000 },
      ...(prepared.files ? { files: prepared.files } : {}),
      ...(resume ? { resumed: { nativeSessionId: resume, usageBefore: {} } } : {}),
    });
    await expect.poll(() => readEnding(runDir), { timeout: 220_000, interval: 200 }).not.toBeNull();
    await session.untilGone();
    const asked = JSON.stringify(model.requests().slice(since));
    return { ending: readEnding(runDir), cwd, asked, output: session.output() };
  }

  test("goes on with its conversation in another worktree, and works in that one", { timeout: 600_000 }, async () => {
    const first = await run("one", "The word is ALBATROSS.");
    expect(first.ending, first.output).toMatchObject({ exitReason: "finished" });
    expect(readFileSync(join(first.cwd, "hello.txt"), "utf8")).toBe("hi\n");
    // The repository's words are read, and its code is not run.
    expect(first.asked).toContain("CORMORANT");
    expect(existsSync(join(first.cwd, "planted.txt"))).toBe(false);

    const id = first.ending?.nativeSessionId ?? "";
    const second = await run("one", "Go on: KITTIWAKE.", id);
    expect(second.ending, second.output).toMatchObject({ exitReason: "finished", nativeSessionId: id });
    expect(second.asked).toContain("ALBATROSS");
    expect(second.asked).toContain("KITTIWAKE");
    expect(second.asked).toContain(second.cwd);
    expect(second.ending?.usage.inputTokens).toBeLessThanOrEqual(first.ending?.usage.inputTokens ?? 0);

    const other = await run("two", "Another work.", id);
    expect(other.ending, other.output).toMatchObject({ exitReason: "failed", failureReason: "resume-refused" });
    expect(other.asked).toBe("[]");
  });

  test("prints its version", { timeout: 100_000 }, async () => {
    const cli = await installedCli(name);
    if ("missing" in cli) throw new Error(cli.missing);
    const env = { PATH: cli.path, HOME: bench.root };
    const health = await checkBackend({ backend, settings: { file: cli.file }, env, timeoutMs: 60_000 });
    expect(health).toMatchObject({ ok: true, version: expect.stringMatching(/\d+\.\d+\.\d+/) });
  });
});
