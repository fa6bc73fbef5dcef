import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ending, Profile, ResumeFindings, Session, Task } from "@agent-control-plane/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConversations } from "../../src/conversations.ts";
import { readEnding, reapSession, sessionFiles } from "../../src/session/index.ts";
import { createSessionRunner } from "../../src/session-runner.ts";
import { bundleWrapper } from "../fixtures/bundle-wrapper.ts";
import { waitFor } from "../fixtures/session-bench.ts";

const templates = fileURLToPath(new URL("../../../../templates", import.meta.url));
const fake = fileURLToPath(new URL("../fixtures/fake-conversation-cli.mjs", import.meta.url));
const sessions: Session[] = [];
let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acp-resuming-"));
  await bundleWrapper("wrapper-entry.ts", join(root, "wrapper.mjs"));
  mkdirSync(join(root, "bin"));
  for (const name of ["claude", "codex"]) {
    const script = `#!/bin/sh\nexec "${process.execPath}" "${fake}" ${name} "$@"\n`;
    writeFileSync(join(root, "bin", name), script, { mode: 0o755 });
  }
});
afterAll(async () => {
  for (const session of sessions)
    await reapSession({ sessionId: session.id, runDir: session.runDir, killWrapper: true });
  rmSync(root, { recursive: true, force: true });
});

/** Sessions of one profile with this backend, run for real; the program is a small stand-in. */
function bench(backend: "claude" | "codex") {
  const runsRoot = join(root, backend);
  const storePath = join(root, `${backend}-store`);
  mkdirSync(storePath, { recursive: true });
  for (const call of ["start", "heartbeat", "end"]) writeFileSync(join(storePath, call), "ok");
  const profile = {
    file: join(root, "control-plane.yaml"),
    repo: { slug: "a/b" },
    runtime: { runsRoot },
    prompts: { issue: null },
    verification: { commands: [{ name: "test", command: "npm test" }] },
    scheduler: { leaseMs: 20_000, heartbeatMs: 1_000 },
    execution: {
      ...{ isolation: "process-tree", env: { pass: [], set: {} } },
      backends: {
        claude: { model: "m", permission_mode: "bypassPermissions", effort: null },
        codex: { model: "m", mode: "bypass" },
      },
      limits: { startupMs: 30_000, stallMs: 30_000, wallClockMs: 60_000, graceMs: 300 },
    },
  } as unknown as Profile;
  const runner = createSessionRunner({
    ...{ profile, storePath, secrets: [], templateFolders: [templates] },
    wrapperEntry: { file: process.execPath, args: [join(root, "wrapper.mjs")] },
    env: { PATH: [join(root, "bin"), process.env.PATH].join(delimiter) },
  });

  async function run(number: number, conversation: string, resume: Partial<ResumeFindings> | null): Promise<Ending> {
    const id = `${backend}-${number}-${sessions.length}`;
    const [runDir, worktreePath] = [join(runsRoot, id), join(root, "worktrees", id)];
    mkdirSync(worktreePath, { recursive: true });
    const session = {
      ...{ id, backend, kind: "agent", lane: "issue-implementation", subject: `issue:${number}`, runDir, worktreePath },
      ...{ taskId: 1, term: 1, branch: `agent/issue-${number}`, startSha: "b".repeat(40) },
      conversation: { id: conversation, model: "m", trust: "t", people: [], text: "t" },
    } as unknown as Session;
    sessions.push(session);
    const task = {
      ...{ lane: "issue-implementation", reason: null, result: null },
      payload: { kind: "issue", number, title: `Title of ${number}`, body: `secret of ${number}` },
    } as unknown as Task;
    const earlier = [
      { attempt: 1, exitReason: "finished", reason: "verification-failed", summary: "", failedChecks: [], files: [] },
    ] as const;
    const findings = resume && {
      rung: "native",
      earlier,
      isWorkCarried: true,
      isTextChanged: false,
      usageBefore: {},
      nativeSessionId: null,
      ...resume,
    };
    await runner.launchAgent(session, task, { conflicts: [], resume: findings as ResumeFindings | null });
    await waitFor(`the ending of ${id}`, () => readEnding(runDir) !== null);
    return readEnding(runDir) as Ending;
  }
  const said = () => readFileSync(sessionFiles.output(sessions.at(-1)?.runDir ?? ""), "utf8");
  return { run, said, runsRoot, conversations: createConversations({ profile }) };
}

describe.each(["claude", "codex"] as const)("%s", (backend) => {
  test("goes on with its conversation, is told little, and counts what is new", async () => {
    const { run, said } = bench(backend);
    const first = await run(1, "c1", null);
    expect(first).toMatchObject({ exitReason: "finished", usage: { inputTokens: 1000, outputTokens: 10 } });
    const resume = { nativeSessionId: first.nativeSessionId, usageBefore: first.usage };
    const second = await run(1, "c1", resume);
    expect(second).toMatchObject({ exitReason: "finished", nativeSessionId: first.nativeSessionId });
    expect(second.usage).toEqual(first.usage);
    expect(said()).toContain("2 prompts");
    expect(said()).toMatch(/Implement issue #1.*\| .*Go on with issue #1/s);
    expect(said()).not.toContain("planted settings");
  });

  test("never in the conversation of another issue", async () => {
    const { run, said } = bench(backend);
    const first = await run(2, "c2", null);
    await run(3, "c3", null);
    expect(said()).toContain("secret of 3");
    expect(said()).not.toContain("secret of 2");
    // Nor by another's id: its state is not there.
    const stolen = await run(3, "c3", { nativeSessionId: first.nativeSessionId });
    expect(stolen).toMatchObject({ exitReason: "failed", failureReason: "resume-refused" });
    expect(said()).not.toContain("secret of 2");
  });

  test("whose state is gone is refused, and the next is told what was tried, in a new conversation", async () => {
    const { run, said, conversations } = bench(backend);
    const first = await run(4, "c4", null);
    expect(await conversations.isThere("c4", backend)).toBe(true);
    await conversations.forget("c4");
    expect(await conversations.isThere("c4", backend)).toBe(false);
    const refused = await run(4, "c4", { nativeSessionId: first.nativeSessionId });
    expect(refused).toMatchObject({ failureReason: "resume-refused" });
    await run(4, "c4b", { rung: "digest" });
    expect(said()).toContain("1 prompts");
    expect(said()).toContain("attempt 1: verification-failed");
    expect(said()).toContain("secret of 4");
  });
});
