import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseProfile, type Session, type Task } from "@agent-control-plane/core";
import { startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Backend, backends } from "../../src/backends/index.ts";
import { readEnding, reapSession, sessionFiles } from "../../src/session/index.ts";
import { createSessionRunner } from "../../src/session-runner.ts";
import { bundleWrapper, fixture } from "../fixtures/bundle-wrapper.ts";
import { documented } from "../fixtures/documented.ts";
import { waitFor } from "../fixtures/session-bench.ts";
import { tinkerBackend } from "../fixtures/tinker-backend.ts";

const templates = fileURLToPath(new URL("../../../../templates", import.meta.url));
const sources = (path: string) => fixture(`../../src/${path}`);
const sessions: Session[] = [];
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "acp-documented-"));
});
afterAll(async () => {
  for (const { id, runDir } of sessions) await reapSession({ sessionId: id, runDir, killWrapper: true });
  rmSync(root, { recursive: true, force: true });
});

/** One session of a profile, from its text to its ending, as the runtime makes it. */
async function runSession(about: {
  readonly execution: string;
  readonly known: readonly Backend[];
  readonly wrapper: string;
  readonly env?: Readonly<Record<string, string>>;
}) {
  const number = sessions.length + 1;
  const folder = join(root, `profile-${number}`);
  const text = `id: web\nrepo: { slug: o/n }\nexecution:\n  isolation: process-tree\n${about.execution}`;
  const file = join(folder, "control-plane.yaml");
  mkdirSync(folder, { recursive: true });
  const parsed = parseProfile({ text, file, env: { HOME: folder }, runtimeHome: folder, backends: about.known });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { profile } = parsed;
  const storePath = join(folder, "store");
  mkdirSync(storePath);
  for (const call of ["start", "heartbeat", "end"]) writeFileSync(join(storePath, call), "ok");
  const runner = createSessionRunner({
    ...{ profile, storePath, secrets: [], templateFolders: [templates], backends: about.known },
    wrapperEntry: { file: process.execPath, args: [about.wrapper] },
    env: { PATH: process.env.PATH, ...about.env },
  });
  const [id, runDir, worktreePath] = [`s-documented-${number}`, join(folder, "run"), join(folder, "worktree")];
  mkdirSync(worktreePath);
  const backend = profile.execution.codingWorker;
  const session = {
    ...{ id, backend, kind: "agent", lane: "issue-implementation", subject: "issue:1", runDir, worktreePath },
    ...{ taskId: 1, term: 1, branch: "agent/issue-1", startSha: "b".repeat(40), conversation: null },
  } as unknown as Session;
  sessions.push(session);
  const task = {
    ...{ lane: "issue-implementation", reason: null, result: null },
    payload: { kind: "issue", number: 1, title: "Say hello", body: "Write hello.txt." },
  } as unknown as Task;
  const run = async () => {
    await runner.launchAgent(session, task, { conflicts: [] });
    await waitFor("the ending", () => readEnding(runDir) !== null);
    return readEnding(runDir);
  };
  const events = () =>
    readFileSync(sessionFiles.events(runDir), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  return { run, folder, worktreePath, events };
}

const tinkerProgram = `#!/bin/sh
[ "$*" = "work --json --model small" ] || exit 3
grep -q "Say hello" || exit 4
echo '{"event":"hello","chat":"c-1","model":"small"}'
echo hi > hello.txt
echo '{"event":"tokens","in":120,"out":7}'
echo '{"event":"done","text":"Wrote hello.txt."}'
`;

test("the documented backend is one file and one line: its keys are in the profile, and a session runs with it", async () => {
  const code = documented("ts", "export const tinkerBackend");
  // What is type-checked here is what stands there.
  expect(readFileSync(fixture("tinker-backend.ts"), "utf8").replaceAll('"../../src/backends/', '"./')).toBe(code);
  const own = join(root, "tinker.ts");
  writeFileSync(own, code.replaceAll('from "./', `from "${sources("backends/")}`));
  const entry = join(root, "entry.ts");
  writeFileSync(
    entry,
    `import { backends } from "${sources("backends/index.ts")}";
     import { runSessionWrapper } from "${sources("session/index.ts")}";
     import { openFolderStore } from "${fixture("folder-store.ts")}";
     import { tinkerBackend } from "./tinker.ts";
     const known = [...backends, tinkerBackend];
     await runSessionWrapper({ specPath: process.argv[2], openStore: openFolderStore, backends: known });`,
  );
  const wrapper = join(root, "tinker-wrapper.mjs");
  await bundleWrapper(entry, wrapper);

  const program = join(root, "tinker");
  const session = await runSession({
    execution: `  coding_worker: tinker\n  tinker: { file: ${program}, model: small }\n`,
    known: [...backends, tinkerBackend],
    wrapper,
  });
  writeFileSync(program, tinkerProgram);
  chmodSync(program, 0o755);
  expect(await session.run()).toMatchObject({
    ...{ exitReason: "finished", failureReason: null, summary: "Wrote hello.txt.", nativeSessionId: "c-1" },
    usage: { inputTokens: 120, outputTokens: 7 },
  });
  expect(readFileSync(join(session.worktreePath, "hello.txt"), "utf8")).toBe("hi\n");
  expect(session.events().map(({ kind }) => kind)).toEqual(["started", "usage", "result"]);
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!hasPython)(
  "the documented Python worker stands beside the profile, works, and says why it failed",
  async () => {
    const wrapper = join(root, "wrapper.mjs");
    await bundleWrapper("wrapper-entry.ts", wrapper);
    const model = await startScriptedModel();
    try {
      const play = async (scenario: "success" | "429-reset") => {
        const env = `env: { pass: [WORKER_KEY], set: { WORKER_URL: "${model.url(scenario)}" } }`;
        const session = await runSession({
          execution: `  coding_worker: python\n  python: { script: worker.py }\n  ${env}\n`,
          ...{ known: backends, wrapper, env: { WORKER_KEY: "key-test" } },
        });
        writeFileSync(join(session.folder, "worker.py"), documented("python", "def ask("));
        return { ending: await session.run(), session };
      };
      const { ending, session } = await play("success");
      expect(ending).toMatchObject({
        exitReason: "finished",
        summary: "DONE",
        usage: { inputTokens: 2400, outputTokens: 68 },
      });
      expect(readFileSync(join(session.worktreePath, "hello.txt"), "utf8")).toBe("hi\n");
      expect(session.events().map(({ kind }) => kind)).toEqual([
        ...["started", "usage", "tool-start", "tool-end", "usage", "message", "result"],
      ]);
      const limited = (await play("429-reset")).ending;
      expect(limited).toMatchObject({ exitReason: "failed", failureReason: "provider-quota-limit" });
      expect(Math.abs((limited?.retryAt ?? 0) - model.resetAt)).toBeLessThan(60_000);
    } finally {
      await model.close();
    }
  },
);
