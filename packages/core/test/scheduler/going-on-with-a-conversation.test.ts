import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import {
  type ContractReading,
  type Ending,
  forgetConversations,
  Jobs,
  type Json,
  type LaunchFindings,
  type Session,
} from "../../src/index.ts";
import { launchSession } from "../../src/scheduler/launch-session.ts";
import type { Project } from "../../src/scheduler/project.ts";
import { reconcileTask } from "../../src/scheduler/reconcile-session.ts";
import { sweepConversations } from "../../src/scheduler/sweep-conversations.ts";
import { noSecrets, smallDelta, usualGuards } from "../support/guards.ts";
import { policy, served } from "../support/snapshots.ts";

const base = "b".repeat(40);
const later = "d".repeat(40);
const native = "01a1fcff-b5f3-7531-9829-61c88f2a6a1b";

/** One profile over a real store; git, processes and the backend's state are what each test says they are. */
async function makeBench() {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const world = {
    base,
    head: "c".repeat(40),
    passes: false,
    onDisk: new Set<string>(),
    gone: new Set<string>(),
    model: "sonnet",
    created: [] as { sha: string; sessionId: string }[],
    collected: [] as { startSha: string }[],
    launched: [] as { session: Session; found: LaunchFindings | undefined }[],
  };
  const evidence = () => ({
    headSha: world.head,
    commits: 1,
    hostCommit: false,
    files: [{ path: "x.ts", status: "modified", additions: 1, deletions: 0 }],
    problems: [],
  });
  const command = { name: "test", command: "npm test", exitCode: 1, durationMs: 5, tail: "3 of 4 passed" };
  const quiet = {
    debug() {},
    info() {},
    warn() {},
    error: (message: string, fields?: object) => console.error(message, fields),
  };
  let names = 0;
  const project = {
    ...{ profileId: "demo", runtimeId: "r1", policy: { ...policy(), backend: "claude" } },
    publish: { profileId: "demo", labels: policy().labels, pullRequestLabels: [], draft: false },
    ...{ guards: usualGuards, secrets: noSecrets },
    ...{ retryLadder: [0], hasVerification: true, leaseMs: 60_000, heartbeatMs: 15_000 },
    runDirOf: (id: string) => `/runs/${id}`,
    newSessionId: (taskId: number) => `s${taskId}-${++names}`,
    resume: {
      policy: { enabled: true, nativeTries: 1, maxAgeMs: 3_600_000 },
      conversations: {
        speaker: () => ({ keepsConversations: true, model: world.model }),
        isThere: async (id: string) => world.onDisk.has(id),
        list: async () => [...world.onDisk],
        forget: async (id: string) => void world.onDisk.delete(id),
      },
    },
    known: { base: { branch: "main", sha: base } },
    worktrees: {
      fetchBase: async () => ({ branch: "main", sha: world.base }),
      baseBranch: async () => "main",
      isAncestor: async (_: string, descendant: string) => !world.gone.has(descendant),
      conflicts: async () => [],
      pathFor: (id: string) => `/worktrees/${id}`,
      create: async (made: { sha: string; sessionId: string }) => void world.created.push(made),
      createCheckout: async () => {},
      delta: async () => smallDelta,
      collect: async (of: { startSha: string }) => {
        world.collected.push(of);
        return evidence();
      },
      describe: async () => evidence(),
    },
    runner: {
      launchAgent: async (session: Session, _: unknown, found?: LaunchFindings) => {
        world.launched.push({ session, found });
        if (session.conversation) world.onDisk.add(session.conversation.id);
      },
      launchVerification: async () => {},
      contract: (): ContractReading => ({ kind: "missing" }),
      verification: (session: Session) => {
        const passed = world.passes || session.startSha === base || session.startSha === later;
        return { passed, commands: [{ ...command, exitCode: passed ? 0 : 1 }] };
      },
      keepEvidence: () => {},
      reap: async () => ({ killed: 0, survivors: 0 }),
    },
    ...{ store, clock, log: quiet, jobs: new Jobs(quiet, clock) },
  } as unknown as Project;
  const issue = (number: number, over: Record<string, Json> = {}) =>
    store.tasks
      .enqueue(
        {
          ...{ queue: "demo", subject: `issue:${number}`, lane: "issue-implementation", maxAttempts: 4 },
          payload: { kind: "issue", number, title: `T${number}`, body: `secret of ${number}`, ...over },
        },
        "test",
      )
      .then(({ task }) => task);

  async function end(session: Session, ending: Partial<Ending>): Promise<void> {
    await store.sessions.start(session.id, session.term, { pid: 1, startedMark: "m" });
    clock.advance(60_000);
    await store.sessions.end(session.id, session.term, {
      ...{ exitReason: "finished", failureReason: null, exitCode: 0, signal: null, startedAt: 0, endedAt: clock.now() },
      ...{
        nativeSessionId: native,
        usage: { inputTokens: 100 },
        retryAt: null,
        summary: "",
        processes: { killed: 0, survivors: 0 },
      },
      ...ending,
    });
  }
  /** A whole attempt with the verifications it asks for; answers what was launched. */
  async function attempt(taskId: number, ending: Partial<Ending> = {}) {
    await launchSession(project, taskId, { slots: [], within: [], provider: served("claude") });
    const launched = world.launched.at(-1);
    if (launched?.session.state !== "intended") throw new Error("nothing was launched");
    await end(launched.session, ending);
    await reconcileTask(project, taskId);
    for (;;) {
      const [check] = await store.sessions.list({ taskId, states: ["intended"] });
      if (!check) break;
      const isFailing = !world.passes && check.startSha !== base && check.startSha !== later;
      await end(check, { exitReason: isFailing ? "failed" : "finished", nativeSessionId: null, usage: {} });
      await reconcileTask(project, taskId);
    }
    return launched;
  }
  const task = async (id: number) => {
    const now = await store.tasks.get(id);
    return now && `${now.state} ${now.reason} ${now.attempts}`;
  };
  return { world, store, clock, project, issue, attempt, task };
}

describe("an attempt after one that failed", () => {
  it("goes on with the conversation, on the work it left, which counts from where it began", async () => {
    const bench = await makeBench();
    const { id } = await bench.issue(1);
    const first = await bench.attempt(id);
    expect(first.session).toMatchObject({ resumes: null, conversation: { id: first.session.id, model: "sonnet" } });
    bench.world.base = later;
    const second = await bench.attempt(id);
    expect(second.session).toMatchObject({
      startSha: base,
      conversation: { id: first.session.id },
      resumes: { rung: "native", sessionId: first.session.id, nativeSessionId: native },
    });
    expect(second.found?.resume).toMatchObject({
      ...{ rung: "native", nativeSessionId: native, isWorkCarried: true, isTextChanged: false },
      usageBefore: { inputTokens: 100 },
    });
    expect(second.found?.resume?.earlier[0]?.failedChecks).toMatchObject([{ name: "test", tail: "3 of 4 passed" }]);
    expect(bench.world.created.map(({ sha }) => sha)).toEqual([base, bench.world.head]);
    expect(bench.world.collected.map(({ startSha }) => startSha)).toEqual([base, base]);
  });

  it("then is told what was tried in a conversation of its own, from the base as it is now, and then a person is asked", async () => {
    const bench = await makeBench();
    const { id } = await bench.issue(1);
    await bench.attempt(id);
    await bench.attempt(id);
    bench.world.base = later;
    const third = await bench.attempt(id);
    expect(third.session).toMatchObject({
      startSha: later,
      conversation: { id: third.session.id },
      resumes: { rung: "digest" },
    });
    expect(third.found?.resume).toMatchObject({
      rung: "digest",
      nativeSessionId: null,
      isWorkCarried: false,
      usageBefore: {},
    });
    expect(third.found?.resume?.earlier.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect((await bench.attempt(id)).session.resumes?.rung).toBe("digest");
    expect(await bench.task(id)).toBe("dead verification-failed 4");
  });

  it("that the backend refused costs nothing, is told what was tried, and is not refused again", async () => {
    const bench = await makeBench();
    const { id } = await bench.issue(1);
    await bench.attempt(id);
    const refused = {
      exitReason: "failed",
      failureReason: "resume-refused",
      nativeSessionId: null,
      usage: {},
    } as const;
    expect((await bench.attempt(id, refused)).session.resumes?.rung).toBe("native");
    expect(await bench.task(id)).toMatch(/resume-refused 1$/);
    expect((await bench.attempt(id)).session).toMatchObject({ attempt: 2, resumes: { rung: "digest" } });
  });

  it("that is refused twice in a row is charged the second time", async () => {
    const bench = await makeBench();
    const { id } = await bench.issue(1);
    const refused = { exitReason: "failed", failureReason: "resume-refused" } as const;
    await bench.attempt(id, refused);
    expect(await bench.task(id)).toMatch(/resume-refused 0$/);
    await bench.attempt(id, refused);
    expect(await bench.task(id)).toMatch(/resume-refused 1$/);
  });

  it("whose work or state is gone, or that speaks with another model, starts from the base", async () => {
    for (const change of ["work", "state", "model"]) {
      const bench = await makeBench();
      const { id } = await bench.issue(1);
      await bench.attempt(id);
      if (change === "work") bench.world.gone.add(bench.world.head);
      if (change === "state") bench.world.onDisk.clear();
      if (change === "model") bench.world.model = "opus";
      expect((await bench.attempt(id)).session, change).toMatchObject({ resumes: { rung: "digest" }, startSha: base });
      expect(bench.world.created.at(-1)?.sha, change).toBe(base);
    }
  });

  it("is told the text again when that has changed, and nothing goes from one issue to another", async () => {
    const bench = await makeBench();
    const { id } = await bench.issue(1);
    const first = await bench.attempt(id);
    const other = await bench.attempt((await bench.issue(2)).id);
    expect(other.session).toMatchObject({ resumes: null, conversation: { id: other.session.id } });
    expect(other.found?.resume).toBeNull();
    await bench.store.tasks.update(id, { payload: { kind: "issue", number: 1, title: "T1", body: "more" } }, "test");
    const second = await bench.attempt(id);
    expect(second.session.conversation?.id).toBe(first.session.id);
    expect(second.found?.resume?.isTextChanged).toBe(true);
  });

  it("does not go on with the words of somebody whose comments count no more", async () => {
    const bench = await makeBench();
    const comments = [{ author: "ann", body: "use tabs" }];
    const may = (level: "write" | "read") =>
      bench.store.permissions.put("demo", { login: "ann", level, checkedAt: bench.clock.now() });
    Object.assign(bench.project, { source: { selfLogin: async () => "bot" } });
    const trusted = await bench.issue(1, { comments });
    const distrusted = await bench.issue(2, { comments });
    for (const { id } of [trusted, distrusted]) await bench.attempt(id);
    await may("write");
    expect((await bench.attempt(trusted.id)).session.resumes?.rung).toBe("native");
    await may("read");
    expect((await bench.attempt(distrusted.id)).session.resumes?.rung).toBe("digest");
  });
});

describe("the state on disk", () => {
  it("goes when nobody can go on with it, or when its subject is done, and never while a session speaks in it", async () => {
    const bench = await makeBench();
    const { id } = await bench.issue(1);
    await bench.attempt(id);
    await bench.attempt((await bench.issue(2)).id);
    await launchSession(bench.project, id, { slots: [], within: [], provider: served("claude") });
    expect(bench.world.onDisk.size).toBe(2);
    await forgetConversations(bench.project, "issue:1");
    await forgetConversations(bench.project, "issue:2");
    expect(bench.world.onDisk.size).toBe(1);
    bench.clock.advance(3_600_001);
    await sweepConversations(bench.project);
    await bench.project.jobs.settled();
    expect(bench.world.onDisk.size).toBe(1);
    const [open] = await bench.store.sessions.list({ taskId: id, states: ["intended"] });
    await bench.store.sessions.end(open?.id ?? "", open?.term ?? 0, {
      ...{
        exitReason: "lost",
        failureReason: null,
        exitCode: null,
        signal: null,
        startedAt: 0,
        endedAt: bench.clock.now(),
      },
      ...{ nativeSessionId: null, usage: {}, retryAt: null, summary: "", processes: { killed: 0, survivors: 0 } },
    });
    await reconcileTask(bench.project, id);
    bench.clock.advance(3_600_001);
    await sweepConversations(bench.project);
    await bench.project.jobs.settled();
    expect(bench.world.onDisk.size).toBe(0);
  });
});
