import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import { chooseProviders } from "../../src/decide/provider/choose-providers.ts";
import {
  type ContractReading,
  type Ending,
  Jobs,
  type Lane,
  type OutboxRow,
  type ReviewRules,
  type Session,
  type SessionRunner,
  type VerificationReport,
  type WorkEvidence,
  type Worktrees,
} from "../../src/index.ts";
import { launchSession } from "../../src/scheduler/launch-session.ts";
import type { Project } from "../../src/scheduler/project.ts";
import { reconcileTask } from "../../src/scheduler/reconcile-session.ts";
import { noSecrets, smallDelta, usualGuards } from "../support/guards.ts";
import { policy, served } from "../support/snapshots.ts";

const base = "b".repeat(40);
const head = "a".repeat(40);
const result = "c".repeat(40);
const labels = { running: "agent-running", blocked: "agent-blocked" };
const reviews: ReviewRules = {
  ...{ post: "review", status: true, second: { backend: null, model: null }, people: [], maxStuckRounds: 2 },
};
const changed = [{ path: "x.ts", status: "modified", additions: 1, deletions: 0 }];
type Valid = Extract<ContractReading, { kind: "valid" }>;
const valid = (outcome: Valid["outcome"], detail = "said"): Valid => ({
  kind: "valid",
  outcome,
  detail,
  title: null,
  body: null,
  commitMessage: null,
  failureReason: null,
});
const report = (passed: boolean): VerificationReport => ({
  passed,
  commands: [{ name: "test", command: "npm test", exitCode: passed ? 0 : 1, durationMs: 5, tail: "" }],
});

/** One profile over a real store; git and processes are what each test says they are. */
async function makeLane(lane: Lane, payload: Record<string, unknown> = {}, second = reviews.second) {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const isPull = lane.startsWith("pr-");
  const world = {
    branches: new Map([
      ["main", base],
      ["feature/x", head],
    ]),
    contract: valid("implemented") as ContractReading,
    files: changed as WorkEvidence["files"],
    headSha: result,
    holdsBase: true,
    conflicts: [] as readonly string[],
    passes: (_: string): boolean => true,
    launched: [] as { session: Session; conflicts: readonly string[] }[],
    created: [] as object[],
    collected: [] as object[],
    compared: [] as object[],
    /** What happens while the host waits for the forge to name its base branch. */
    meanwhile: async (): Promise<unknown> => null,
  };
  const evidence = (): WorkEvidence => ({
    headSha: world.headSha,
    commits: 1,
    hostCommit: false,
    files: world.files,
    problems: [],
  });
  const worktrees: Partial<Worktrees> = {
    fetchBase: async () => ({ branch: "main", sha: base }),
    fetchBranch: async (branch) => {
      const sha = world.branches.get(branch);
      return sha === undefined ? null : { sha };
    },
    isAncestor: async () => world.holdsBase,
    conflicts: async () => world.conflicts,
    changedLines: async (of) => {
      world.compared.push(of);
      return [{ path: "a.ts", from: 1, to: 9 }];
    },
    baseBranch: async () => {
      await world.meanwhile();
      return "main";
    },
    pathFor: (sessionId) => `/worktrees/${sessionId}`,
    create: async (made) => void world.created.push(made),
    createCheckout: async () => {},
    collect: async (of) => {
      world.collected.push(of);
      return evidence();
    },
    describe: async () => evidence(),
    delta: async () => smallDelta,
  };
  const runner: Partial<SessionRunner> = {
    launchAgent: async (session, _task, found) =>
      void world.launched.push({ session, conflicts: found?.conflicts ?? [] }),
    launchVerification: async () => {},
    contract: () => world.contract,
    verification: (session) => report(world.passes(session.startSha)),
    keepEvidence: () => {},
    reap: async () => ({ killed: 0, survivors: 0 }),
  };
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  let names = 0;
  const project = {
    profileId: "demo",
    runtimeId: "r1",
    policy: { ...policy(), reviews: { ...reviews, second } },
    publish: { profileId: "demo", labels, pullRequestLabels: [], draft: false },
    retryLadder: [300_000, 900_000],
    hasVerification: true,
    guards: usualGuards,
    secrets: noSecrets,
    leaseMs: 60_000,
    heartbeatMs: 15_000,
    runDirOf: (sessionId: string) => `/runs/${sessionId}`,
    newSessionId: (taskId: number) => `s${taskId}-${++names}`,
    known: { base: { branch: "main", sha: base } },
    ...{ store, worktrees, runner, clock, log: quiet, jobs: new Jobs(quiet, clock) },
  } as unknown as Project;
  const { task } = await store.tasks.enqueue(
    {
      queue: "demo",
      subject: isPull ? "pr:7" : "issue:12",
      lane,
      maxAttempts: 2,
      payload: isPull
        ? {
            kind: "pull-request",
            number: 7,
            title: "T",
            headRef: "feature/x",
            headSha: head,
            baseRef: "main",
            round: 1,
            ...payload,
          }
        : { kind: "issue", number: 12, title: "Smoke test", body: "", ...payload },
    },
    "test",
  );

  const launch = (room = { slots: [] as string[], within: [] as { slot: string; max: number }[] }) => {
    const chosen = chooseProviders(task, [], project.policy);
    const [provider = served()] = chosen.kind === "known" ? chosen.providers : [];
    return launchSession(project, task.id, { ...room, provider });
  };
  /** The newest session starts and ends. */
  async function run(ending: Partial<Ending> = {}): Promise<void> {
    const session = (await store.sessions.list({ taskId: task.id, states: ["intended"] })).at(-1);
    if (!session) throw new Error("no session is about to start");
    await store.sessions.start(session.id, session.term, { pid: 1, startedMark: "m" });
    clock.advance(60_000);
    await store.sessions.end(session.id, session.term, {
      exitReason: "finished",
      failureReason: null,
      exitCode: 0,
      signal: null,
      startedAt: clock.now(),
      endedAt: clock.now(),
      nativeSessionId: null,
      usage: {},
      retryAt: null,
      summary: "",
      processes: { killed: 0, survivors: 0 },
      ...ending,
    });
  }
  const reconcile = () => reconcileTask(project, task.id);
  /** The whole of an attempt, with as many verifications as it asks for. */
  async function attempt(): Promise<void> {
    await launch();
    await run();
    await reconcile();
    while ((await store.sessions.list({ taskId: task.id, states: ["intended"] })).length > 0) {
      await run({ exitReason: world.passes("") ? "finished" : "failed" });
      await reconcile();
    }
  }
  const taskNow = async () => {
    const now = await store.tasks.get(task.id);
    return now && `${now.state} ${now.reason}`;
  };
  const rows = () => store.outbox.list({ profileId: "demo" });
  return { world, store, clock, task, launch, run, reconcile, attempt, taskNow, rows };
}

const kindsOf = (rows: readonly OutboxRow[]) => rows.map(({ kind }) => kind);
const commentIn = (rows: readonly OutboxRow[]) =>
  rows.flatMap(({ kind, body }) => (kind === "comment" ? [(body as { body: string }).body] : [])).join("\n");

describe("an issue lane", () => {
  it("starts from the base, on a branch of ours, in a worktree shared with its like", async () => {
    const lane = await makeLane("blocked-recovery");
    await lane.attempt();
    expect(lane.world.created).toEqual([
      { sessionId: "s1-1", branch: "agent/demo/issue-12-s1-1", sha: base, trust: "opted-in-issue" },
    ]);
    expect(await lane.taskNow()).toBe("succeeded published");
    expect(kindsOf(await lane.rows())).toEqual([
      ...["add-labels", "push-branch", "open-pull-request", "comment", "remove-labels"],
    ]);
  });

  it("is not claimed where its room is full", async () => {
    const lane = await makeLane("issue-implementation");
    await lane.launch({ slots: ["heavy"], within: [{ slot: "heavy", max: 0 }] });
    expect(await lane.taskNow()).toBe("queued null");
    await lane.launch({ slots: ["heavy"], within: [{ slot: "heavy", max: 1 }] });
    expect([...(await lane.store.tasks.slotsHeld())]).toEqual([["heavy", 1]]);
  });

  it("whose checks fail on the base, too, waits without an attempt or a word, and the base is known to be broken", async () => {
    const lane = await makeLane("issue-implementation");
    lane.world.passes = () => false;
    await lane.attempt();
    const task = await lane.store.tasks.get(lane.task.id);
    expect(task).toMatchObject({ state: "scheduled", reason: "baseline-broken", attempts: 0 });
    expect(await lane.store.baselines.get("demo", base)).toMatchObject({ passed: false });
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "remove-labels"]);
    const checked = (await lane.store.sessions.list({ taskId: lane.task.id })).filter(({ kind }) => kind === "verify");
    expect(checked.map(({ startSha }) => startSha)).toEqual([result, base]);
    expect(checked.map(({ state }) => state)).toEqual(["concluded", "concluded"]);
  });

  it("whose checks pass on the base has failed, and the next failure asks the base no more", async () => {
    const lane = await makeLane("issue-implementation");
    lane.world.passes = (sha) => sha !== result;
    const verifySessions = async () =>
      (await lane.store.sessions.list({ taskId: lane.task.id })).filter(({ kind }) => kind === "verify").length;
    const once = async (exits: readonly Ending["exitReason"][]) => {
      await lane.launch();
      await lane.run();
      await lane.reconcile();
      for (const exitReason of exits) {
        await lane.run({ exitReason });
        await lane.reconcile();
      }
    };
    await once(["failed", "finished"]);
    expect(await lane.taskNow()).toBe("scheduled verification-failed");
    expect(await lane.store.baselines.get("demo", base)).toMatchObject({ passed: true });
    lane.clock.advance(300_000);
    await once(["failed"]);
    expect(await verifySessions()).toBe(3);
    expect(await lane.taskNow()).toBe("dead verification-failed");
    const comment = commentIn(await lane.rows());
    expect(comment).toContain("- Attempt 1: `verification-failed`, after 60 s\n- Attempt 2: `verification-failed`");
  });

  it("that people stopped publishes nothing and says so once", async () => {
    const lane = await makeLane("issue-implementation");
    await lane.launch();
    await lane.store.tasks.cancel(lane.task.id, "r1", "held");
    await lane.run({ exitReason: "stopped" });
    await lane.reconcile();
    await lane.reconcile();
    expect(await lane.taskNow()).toBe("cancelled held");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "comment", "remove-labels"]);
    expect(commentIn(await lane.rows())).toContain("a person holds it");
  });

  it("that people stop while its conclusion waits for the forge publishes nothing, and says so", async () => {
    const lane = await makeLane("issue-implementation");
    lane.world.meanwhile = () => lane.store.tasks.cancel(lane.task.id, "r1", "held");
    await lane.attempt();
    expect(await lane.taskNow()).toBe("cancelled held");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "comment", "remove-labels"]);
    expect(commentIn(await lane.rows())).toContain("a person holds it");
  });

  it("that was stopped before its session started says nothing", async () => {
    const lane = await makeLane("issue-implementation");
    await lane.launch();
    await lane.store.tasks.cancel(lane.task.id, "r1", "held");
    const [session] = await lane.store.sessions.list({ taskId: lane.task.id });
    if (!session) throw new Error("no session");
    const never = {
      exitReason: "lost",
      failureReason: null,
      startedAt: 0,
      endedAt: 0,
      usage: {},
      summary: "",
    } as unknown as Ending;
    await lane.store.sessions.end(session.id, session.term, never);
    await lane.reconcile();
    expect(await lane.taskNow()).toBe("cancelled held");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "remove-labels"]);
  });
});

describe("a scheduled check", () => {
  it("is done with its report, and what it changed goes nowhere", async () => {
    const lane = await makeLane("scheduled-check");
    lane.world.contract = valid("reported", "all is well");
    await lane.attempt();
    expect(await lane.taskNow()).toBe("succeeded reported");
    expect(kindsOf(await lane.rows())).toEqual([
      "add-labels",
      "comment",
      "remove-labels",
      "add-labels",
      "remove-labels",
    ]);
    expect(commentIn(await lane.rows())).toMatch(/all is well[\s\S]*1 file, which its task does not allow/);
  });

  it("that crashed is retried, and after its last attempt a person hears of it", async () => {
    const lane = await makeLane("scheduled-check");
    lane.world.contract = { kind: "missing" };
    await lane.attempt();
    expect(await lane.taskNow()).toBe("scheduled missing-result-contract");
    lane.clock.advance(300_000);
    await lane.attempt();
    expect(await lane.taskNow()).toBe("dead missing-result-contract");
    expect(commentIn(await lane.rows())).toContain("# Blocker: missing-result-contract");
  });
});

describe("a pull request lane", () => {
  it("starts from the head it was decided over, with the base beside it", async () => {
    const lane = await makeLane("pr-fix");
    lane.world.conflicts = ["x.ts"];
    await lane.launch();
    expect(lane.world.created).toEqual([
      { sessionId: "s1-1", branch: "feature/x", sha: head, base: { branch: "main", sha: base }, trust: "pull-request" },
    ]);
    expect(lane.world.launched).toMatchObject([
      { session: { branch: "feature/x", startSha: head }, conflicts: ["x.ts"] },
    ]);
    expect((await lane.rows())[0]?.body).toEqual({ number: 7, labels: ["agent-running"] });
  });

  it.each([
    ["moved", "d".repeat(40)],
    ["gone", undefined],
  ])("starts nothing when its branch is %s", async (_, now) => {
    const lane = await makeLane("pr-fix");
    lane.world.branches.delete("feature/x");
    if (now !== undefined) lane.world.branches.set("feature/x", now);
    await lane.launch();
    expect(await lane.taskNow()).toBe("cancelled superseded");
    expect(lane.world.launched).toEqual([]);
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "remove-labels"]);
  });

  it("pushes a repair from the head it started from, after its checks, and opens nothing", async () => {
    const lane = await makeLane("pr-fix");
    lane.world.contract = valid("updated-branch");
    await lane.attempt();
    const rows = await lane.rows();
    expect(kindsOf(rows)).toEqual(["add-labels", "push-branch", "comment", "remove-labels"]);
    expect(rows[1]?.body).toEqual({ branch: "feature/x", sha: result, expectedSha: head });
    expect(lane.world.collected).toMatchObject([{ startSha: head, baseSha: base }]);
    expect(await lane.taskNow()).toBe("succeeded published");
  });

  it("gives its repair up to a person who pushed meanwhile, and says so", async () => {
    const lane = await makeLane("pr-fix");
    await lane.launch();
    await lane.run();
    await lane.reconcile();
    lane.world.branches.set("feature/x", "d".repeat(40));
    await lane.run();
    await lane.reconcile();
    expect(await lane.taskNow()).toBe("cancelled superseded");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "comment", "remove-labels"]);
    expect(commentIn(await lane.rows())).toContain("somebody pushed to its branch");
  });

  it("refuses a merge repair without its base", async () => {
    const lane = await makeLane("pr-merge-repair");
    lane.world.holdsBase = false;
    lane.world.conflicts = ["x.ts"];
    await lane.attempt();
    expect(await lane.taskNow()).toBe("scheduled remaining-merge-conflicts-after-updated-branch");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "remove-labels"]);
  });

  it.each([
    ["approved", "review-approved", { headSha: head, round: 1 }],
    ["changes-requested", "changes-requested", { headSha: head, round: 1, findings: "said" }],
  ] as const)("says of a review that %s for which head, and pushes nothing", async (outcome, reason, left) => {
    const lane = await makeLane("pr-review");
    lane.world.contract = valid(outcome);
    await lane.attempt();
    expect(await lane.store.tasks.get(lane.task.id)).toMatchObject({ state: "succeeded", reason, result: left });
    const rows = await lane.rows();
    expect(kindsOf(rows)).toEqual(["add-labels", "review", "status", "remove-labels"]);
    expect(rows[1]?.body).toMatchObject({ headSha: head, body: expect.stringContaining(head) });
    expect(rows[2]?.body).toMatchObject({ sha: head, state: outcome === "approved" ? "success" : "failure" });
    expect(lane.world.compared).toEqual([]);
  });

  it("has its review of a head that is gone posted as no verdict, and says so", async () => {
    const lane = await makeLane("pr-review");
    lane.world.contract = valid("approved");
    await lane.launch();
    await lane.run();
    lane.world.branches.set("feature/x", "d".repeat(40));
    await lane.reconcile();
    expect(await lane.taskNow()).toBe("cancelled superseded");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "comment", "remove-labels"]);
    expect(commentIn(await lane.rows())).toContain("somebody pushed to its branch");
  });

  it("measures a later review against what was open, and leaves the next one what is open then", async () => {
    const f1 = { id: "f1", severity: "blocking", path: "a.ts", line: 1, title: "T", detail: "" } as const;
    const first = { headSha: "e".repeat(40), open: [f1], closed: [], stuckRounds: 0 };
    const review = { wanted: 1, isOwn: false, ledgers: { first, second: null } };
    const lane = await makeLane("pr-review", { review });
    const f2 = { ...f1, id: "f2", line: 5 };
    lane.world.contract = { ...valid("changes-requested", "one more"), findings: [f2], resolved: ["f1"] };
    await lane.attempt();
    expect(lane.world.compared).toEqual([{ fromSha: first.headSha, toSha: head }]);
    expect(await lane.store.tasks.get(lane.task.id)).toMatchObject({
      reason: "changes-requested",
      result: {
        findings: "one more\n[f2] blocking, a.ts:5: T",
        ledgers: { first: { headSha: head, open: [f2], closed: ["f1"], stuckRounds: 0 }, second: null },
      },
    });
    expect((await lane.rows())[1]?.body).toMatchObject({ event: "request-changes" });
  });

  it("has its second review made by the backend that the profile names for it, and by no other", async () => {
    const second = await makeLane("pr-review", { round: 2 }, { backend: "codex", model: null });
    await second.launch();
    expect(second.world.launched[0]?.session.backend).toBe("codex");
    const first = await makeLane("pr-review", { round: 1 }, { backend: "codex", model: null });
    await first.launch();
    expect(first.world.launched[0]?.session.backend).toBe("shell");
  });

  it("tries a review again that settles what never was", async () => {
    const lane = await makeLane("pr-review");
    lane.world.contract = { ...valid("approved"), resolved: ["f9"] };
    await lane.attempt();
    expect(await lane.taskNow()).toBe("scheduled invalid-result-contract");
  });

  it("ends well where nothing is to be changed, and says so once", async () => {
    const lane = await makeLane("pr-fix");
    Object.assign(lane.world, { contract: valid("no-change-needed"), files: [], headSha: head });
    await lane.attempt();
    expect(await lane.taskNow()).toBe("succeeded no-change-needed");
    expect(kindsOf(await lane.rows())).toEqual(["add-labels", "comment", "remove-labels"]);
  });

  it("that needs a person marks the pull request", async () => {
    const lane = await makeLane("pr-fix");
    lane.world.contract = valid("blocked", "no access");
    await lane.attempt();
    expect(await lane.taskNow()).toBe("dead pr-worker-blocked");
    const marked = (await lane.rows()).filter(({ kind }) => kind === "add-labels").map(({ body }) => body);
    expect(marked).toContainEqual({ number: 7, labels: ["agent-blocked"] });
  });
});
