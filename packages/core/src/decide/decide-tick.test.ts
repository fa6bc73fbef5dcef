import { describe, expect, it } from "vitest";
import type { CandidateIssue, Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import { decideTick, issueTaskKey } from "./decide-tick.ts";

const now = 1_800_000_000_000;

const issue = (number: number, over: Partial<Issue> = {}): Issue => ({
  number,
  title: `Issue ${number}`,
  body: "",
  url: `https://forge.test/o/r/issues/${number}`,
  state: "open",
  author: "ann",
  labels: ["agent-ready"],
  createdAt: now - 1000 * number,
  updatedAt: now,
  ...over,
});

const candidate = (
  number: number,
  over: Partial<Issue> = {},
  optIn: CandidateIssue["optIn"] = trusted,
): CandidateIssue => ({
  issue: issue(number, over),
  revision: `r${number}`,
  optIn,
});
const trusted: CandidateIssue["optIn"] = { kind: "trusted", actor: "ann" };

const pull = (over: Partial<PullRequest> = {}): PullRequest => ({
  number: 90,
  title: "",
  body: "",
  url: "https://forge.test/o/r/pull/90",
  state: "open",
  merged: false,
  draft: false,
  author: "bot",
  labels: [],
  headRef: "feature",
  headSha: "a".repeat(40),
  headRepo: "o/r",
  baseRef: "main",
  createdAt: now,
  updatedAt: now,
  ...over,
});

const task = (id: number, number: number, over: Partial<Task> = {}): Task => ({
  id,
  queue: "demo",
  subject: `issue:${number}`,
  lane: "issue-implementation",
  dedupeKey: issueTaskKey("demo", candidate(number)),
  state: "queued",
  priority: 0,
  runAt: now,
  attempts: 0,
  maxAttempts: 4,
  term: 0,
  cancelRequestedAt: null,
  payload: {},
  result: null,
  reason: null,
  createdAt: now,
  updatedAt: now,
  finishedAt: null,
  ...over,
});

const snapshot = (over: Partial<Snapshot> & { issues?: CandidateIssue[]; pulls?: PullRequest[] } = {}): Snapshot => ({
  now,
  policy: {
    profileId: "demo",
    backend: "shell",
    labels: { ready: "agent-ready", running: "agent-running", blocked: "agent-blocked", hold: "agent-hold" },
    maxWorkers: 2,
    maxLaunches: 6,
    maxOpenAgentPullRequests: 12,
    maxAttempts: 4,
  },
  forge: { kind: "seen", issues: over.issues ?? [], pullRequests: over.pulls ?? [] },
  tasks: [],
  publishing: new Set(),
  failedWrites: new Map(),
  cooldowns: new Map(),
  draining: false,
  ...over,
});

const reasons = (over: Parameters<typeof snapshot>[0]) =>
  decideTick(snapshot(over)).decisions.map(
    (decision) => `${decision.subject} ${decision.kind === "hold" ? decision.because : "launch"}`,
  );
const effects = (over: Parameters<typeof snapshot>[0]) =>
  decideTick(snapshot(over)).effects.map((effect) =>
    effect.kind === "enqueue"
      ? `enqueue ${effect.task.subject}`
      : effect.kind === "cancel"
        ? `cancel ${effect.taskId} ${effect.reason}`
        : `launch ${effect.taskId}`,
  );

describe("what should exist", () => {
  it("enqueues an opted-in issue once, under the key of its revision", () => {
    const plan = decideTick(snapshot({ issues: [candidate(1)] }));
    expect(plan.effects).toMatchObject([
      { kind: "enqueue", task: { dedupeKey: "demo/issue:1/issue-implementation/r1", queue: "demo" } },
    ]);
    expect(effects({ issues: [candidate(1)], tasks: [task(5, 1)] })).toEqual(["launch 5"]);
  });

  it.each([
    ["held", candidate(1, { labels: ["agent-ready", "agent-hold"] }), {}],
    ["not-opted-in", candidate(1, { labels: [] }), {}],
    ["not-open", candidate(1, { state: "closed" }), {}],
    ["blocked", candidate(1, { labels: ["agent-ready", "agent-blocked"] }), {}],
    ["opt-in-untrusted", candidate(1, {}, { kind: "untrusted", actor: "eve", permission: "read" }), {}],
    ["opt-in-unchecked", candidate(1, {}, { kind: "unchecked", detail: "" }), {}],
    ["linked-pull-request", candidate(1), { pulls: [pull({ headRef: "agent/demo/issue-1-s5-abc" })] }],
    ["linked-pull-request", candidate(1), { pulls: [pull({ body: "This fixes #1." })] }],
    ["already-worked", candidate(1), { tasks: [task(5, 1, { state: "succeeded" })] }],
    [
      "publishing",
      candidate(1),
      { tasks: [task(5, 1, { state: "succeeded" })], publishing: new Set(["demo/issue:1"]) },
    ],
    ["publish-failed", candidate(1), { tasks: [task(5, 1, { state: "succeeded" })], failedWrites: new Map([[5, 9]]) }],
    ["publish-failed", candidate(1), { tasks: [task(5, 1, { state: "dead" })], failedWrites: new Map([[5, 9]]) }],
    ["dead-letter", candidate(1), { tasks: [task(5, 1, { state: "dead" })] }],
    ["cancelled", candidate(1), { tasks: [task(5, 1, { state: "cancelled", reason: "operator" })] }],
  ] as const)("holds for %s", (because, issueCandidate, over) => {
    const facts = { ...over, issues: [issueCandidate] } as Parameters<typeof snapshot>[0];
    expect(reasons(facts)).toEqual([`issue:1 ${because}`]);
    expect(effects(facts)).toEqual([]);
  });

  it("does not take another issue's number, or another profile's branch, for a link", () => {
    expect(
      effects({ issues: [candidate(1)], pulls: [pull({ body: "fixes #12", headRef: "agent/demo/issue-12-s5" })] }),
    ).toEqual(["enqueue issue:1"]);
    expect(effects({ issues: [candidate(1)], pulls: [pull({ headRef: "agent/other/issue-1-s5" })] })).toEqual([
      "enqueue issue:1",
    ]);
  });

  it("brings back a dead letter when a person took the blocked label off, and not while that label may be on its way", () => {
    const dead = task(5, 1, { state: "dead", updatedAt: now - 61_000 });
    expect(effects({ issues: [candidate(1)], tasks: [dead] })).toEqual(["enqueue issue:1"]);
    expect(effects({ issues: [candidate(1)], tasks: [dead], publishing: new Set(["demo/issue:1"]) })).toEqual([]);
    expect(effects({ issues: [candidate(1, { labels: ["agent-ready", "agent-blocked"] })], tasks: [dead] })).toEqual(
      [],
    );
  });

  it("brings back what it had cancelled itself when the world changes back", () => {
    expect(
      effects({ issues: [candidate(1)], tasks: [task(5, 1, { state: "cancelled", reason: "not-wanted" })] }),
    ).toEqual(["enqueue issue:1"]);
  });

  it("replaces a queued task of an older revision, and lets a running one go on", () => {
    const old = { dedupeKey: "demo/issue:1/issue-implementation/r0" };
    expect(effects({ issues: [candidate(1)], tasks: [task(5, 1, old)] })).toEqual([
      "enqueue issue:1",
      "cancel 5 superseded",
    ]);
    expect(effects({ issues: [candidate(1)], tasks: [task(5, 1, { ...old, state: "running" })] })).toEqual([]);
  });

  it.each([
    ["closed or no longer labelled", [], []],
    ["held by a person", [candidate(1, { labels: ["agent-ready", "agent-hold"] })], []],
    ["overtaken by a person's pull request", [candidate(1)], [pull({ body: "closes #1" })]],
  ])("asks a running session to stop when its issue is %s", (_, issues, pulls) => {
    expect(effects({ issues, pulls, tasks: [task(5, 1, { state: "running" })] })).toEqual(["cancel 5 not-wanted"]);
    expect(effects({ issues, pulls, tasks: [task(5, 1, { state: "running", cancelRequestedAt: now })] })).toEqual([]);
  });

  it("keeps a waiting task, and does not launch it, while it cannot be read who opted in", () => {
    const unread = { issues: [candidate(1, {}, { kind: "unchecked", detail: "no answer" })], tasks: [task(5, 1)] };
    expect(effects(unread)).toEqual([]);
    expect(reasons(unread)).toEqual(["issue:1 opt-in-unchecked"]);
  });

  it("cancels nothing on a forge it cannot see, and says why nothing starts", () => {
    const forge = { kind: "unseen", because: "forge-unreachable", detail: "connection refused" } as const;
    const facts = { forge, tasks: [task(5, 1), task(6, 2, { state: "running" })] };
    expect(effects(facts)).toEqual([]);
    expect(reasons(facts)).toEqual(["issue:1 forge-unreachable", "issue:2 running"]);
  });
});

describe("what may start", () => {
  const three = { issues: [candidate(1), candidate(2), candidate(3)] };

  it("launches by priority, then age, while workers are free", () => {
    const tasks = [task(5, 1), task(6, 2, { createdAt: now - 1 }), task(7, 3, { priority: 9 })];
    expect(effects({ ...three, tasks })).toEqual(["launch 7", "launch 6"]);
    expect(reasons({ ...three, tasks })).toEqual(["issue:3 launch", "issue:2 launch", "issue:1 workers-full"]);
  });

  it("counts what runs already", () => {
    const tasks = [task(5, 1, { state: "running" }), task(6, 2), task(7, 3)];
    expect(effects({ ...three, tasks })).toEqual(["launch 6"]);
  });

  it.each([
    ["backoff", { runAt: now + 1, attempts: 1, state: "scheduled" }, {}],
    ["snoozed", { runAt: now + 1, attempts: 0, state: "scheduled" }, {}],
    ["provider-cooldown", {}, { cooldowns: new Map([["provider:shell", now + 1]]) }],
    ["draining", {}, { draining: true }],
    [
      "open-pr-limit",
      {},
      {
        pulls: Array.from({ length: 12 }, (_, i) => pull({ number: 100 + i, headRef: `agent/demo/issue-${50 + i}-s` })),
      },
    ],
  ] as const)("holds for %s", (because, over, facts) => {
    const all = { issues: [candidate(1)], tasks: [task(5, 1, over as Partial<Task>)], ...facts } as Parameters<
      typeof snapshot
    >[0];
    expect(effects(all)).toEqual([]);
    expect(reasons(all)).toEqual([`issue:1 ${because}`]);
  });

  it("a task whose moment has come is launched again", () => {
    expect(
      effects({ issues: [candidate(1)], tasks: [task(5, 1, { runAt: now, attempts: 1, state: "scheduled" })] }),
    ).toEqual(["launch 5"]);
  });

  it("gives every candidate exactly one decision, and never launches one work item twice, whatever the facts", () => {
    for (let seed = 1; seed < 400; seed += 1) {
      const pick = random(seed);
      const issues = Array.from({ length: pick(6) }, (_, i) =>
        candidate(i + 1, {
          labels: ["agent-ready", ...(pick(4) ? [] : ["agent-hold"]), ...(pick(4) ? [] : ["agent-blocked"])],
        }),
      );
      const states = ["queued", "running", "scheduled", "succeeded", "dead", "cancelled"] as const;
      const tasks = issues.flatMap((each, i) =>
        pick(2) ? [task(10 + i, each.issue.number, { state: states[pick(6)] ?? "queued" })] : [],
      );
      const plan = decideTick(snapshot({ issues, tasks }));
      const launched = plan.effects.flatMap((effect) => (effect.kind === "launch" ? [effect.subject] : []));
      expect(new Set(launched).size).toBe(launched.length);
      const running = tasks.filter((each) => each.state === "running").length;
      expect(running + launched.length).toBeLessThanOrEqual(Math.max(2, running));
      const named = plan.decisions.map((decision) => decision.subject);
      const enqueued = plan.effects.flatMap((effect) => (effect.kind === "enqueue" ? [effect.task.subject] : []));
      expect([...named, ...enqueued].sort()).toEqual(issues.map((each) => `issue:${each.issue.number}`).sort());
    }
  });
});

/** A small seeded generator: the same seed, the same facts. */
function random(seed: number): (below: number) => number {
  let state = seed * 2654435761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    return state % below;
  };
}
