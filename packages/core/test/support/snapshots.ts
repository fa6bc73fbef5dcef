import {
  type CandidateIssue,
  type HostView,
  type Issue,
  type Lane,
  type LaneLimits,
  lanes,
  noBudgets,
  type Provider,
  type PullRequest,
  type Quota,
  quotaScope,
  type SchedulingPolicy,
  type Snapshot,
  type Task,
  type Timeline,
  type Wanted,
} from "../../src/index.ts";

/** Builders with defaults: a test states only what matters to it. */
export const now = 1_800_000_000_000;
export const minute = 60_000;

export const policy = (over: Partial<SchedulingPolicy> = {}, limits: Partial<LaneLimits> = {}): SchedulingPolicy => ({
  profileId: "demo",
  slug: "o/r",
  backend: "shell",
  lanes,
  labels: {
    ready: "agent-ready",
    running: "agent-running",
    blocked: "agent-blocked",
    hold: "agent-hold",
    keepOpen: "agent-keep-open",
    exclusive: "agent-exclusive",
    heavy: "agent-e2e-heavy",
    scheduled: "agent-scheduled",
    handoff: "agent-handoff",
    manualFixOverride: "agent-manual-fix-override",
    humanApproved: "agent-human-approved",
    automerge: "agent-automerge",
    repairQueued: "agent-repair-queued",
    ciRefresh: "agent-ci-refresh",
    ciBypassed: "agent-ci-bypassed",
    doubleCheck1: "agent-double-check-1/2",
    doubleCheck2: "agent-double-check-2/2",
    humanReview: "agent-human-review",
  },
  priorities: {},
  trust: { labels: ["admin", "maintain", "write"], comments: ["admin", "maintain", "write"] },
  timeZone: "UTC",
  limits: {
    workers: 10,
    launchesPerTick: 10,
    pullRequestWorkers: 10,
    heavyWorkers: 1,
    recurringWorkers: 3,
    scheduledWorkers: 2,
    scheduledHeavyWorkers: 1,
    blockedRecoveryWorkers: 1,
    openAgentPullRequests: 100,
    ...limits,
  },
  maxAttempts: 4,
  onDrift: "restart",
  recurring: { restMs: 60 * minute },
  blockedRecovery: { cooldownMs: 15 * minute, maxRounds: 2 },
  heavy: { labels: [], titleWords: [], bodyWords: [] },
  reviews: {
    post: "review",
    status: true,
    second: { backend: null, model: null },
    people: [],
    maxStuckRounds: 2,
  },
  pullRequests: {
    risk: {
      systemBreaking: [],
      criticalInfra: [],
      criticalApp: [],
      docsOnly: ["docs/**"],
      generated: [],
      tests: ["**/*.test.ts"],
      maxFiles: 14,
      maxLines: 1000,
    },
    criticalReviews: 2,
    mayLackChecks: true,
    infraFailures: [],
    maxFixRounds: 4,
    maxCiRefreshes: 2,
    maxCiRepairs: 2,
    baseBroken: "issue",
  },
  merge: {
    enabled: false,
    method: "squash",
    deleteBranch: true,
    useMergeQueue: "auto",
    requireApproval: "agent-review",
    closeLinkedIssues: true,
  },
  budgets: noBudgets,
  ...over,
});

/** The provider that serves all work of a policy without rules. */
export const served = (backend = "shell"): Provider => ({ backend, model: null, account: backend, pool: null });

/** A limit of every model of that provider, in force for a minute. */
export const quota = (over: Partial<Quota> = {}): Quota => {
  const key = { account: "shell", backend: "shell", model: "*", window: "usage", ...over };
  return {
    ...{ scope: quotaScope(key), resetAt: now + minute, reason: "usage-limit", source: "structured" },
    ...{ seenAt: now - minute, metAt: now - minute, hits: 1 },
    ...key,
  };
};

export const host = (over: Partial<HostView> = {}): HostView => ({
  maxWorkers: 100,
  load: new Map(),
  providers: new Map(),
  refusal: null,
  ...over,
});

export const timeline = (over: Partial<Timeline> = {}): Timeline => ({
  labelActs: [],
  comments: [],
  renames: [],
  reviews: [],
  pushes: [],
  ...over,
});

export const issue = (number: number, over: Partial<Issue> = {}): Issue => ({
  number,
  title: `Issue ${number}`,
  body: "",
  url: `https://forge.test/o/r/issues/${number}`,
  state: "open",
  stateReason: null,
  author: "ann",
  labels: ["agent-ready"],
  blockedBy: { open: 0, total: 0 },
  subIssues: { completed: 0, total: 0 },
  createdAt: now - 100 * minute + number,
  updatedAt: now - 50 * minute,
  ...over,
});

export const pullRequest = (number: number, over: Partial<PullRequest> = {}): PullRequest => ({
  number,
  title: `Change ${number}`,
  body: "",
  url: `https://forge.test/o/r/pull/${number}`,
  state: "open",
  merged: false,
  draft: false,
  author: "agent",
  labels: [],
  headRef: `agent/demo/issue-${number}-s1`,
  headSha: sha(number),
  headRepo: "o/r",
  baseRef: "main",
  requestedReviewers: [],
  createdAt: now - 90 * minute + number,
  updatedAt: now - 40 * minute,
  ...over,
});

export const sha = (seed: number): string => seed.toString(16).padStart(40, "a");

/** An issue that `ann`, who may, opted in. */
export const candidate = (number: number, over: Partial<Issue> = {}): CandidateIssue => {
  const it = issue(number, over);
  return {
    issue: it,
    dependencies: new Map(),
    reading: {
      itemUpdatedAt: it.updatedAt,
      isSettled: true,
      readAt: now,
      headSeenAt: null,
      reading: {
        timeline: timeline({
          labelActs: [{ order: 1, kind: "added", label: "agent-ready", actor: "ann", at: now - 60 * minute }],
        }),
        edit: null,
        blockers: [],
      },
    },
  };
};

export const snapshot = (over: Partial<Snapshot> = {}): Snapshot => ({
  now,
  policy: policy(),
  forge: {
    kind: "seen",
    base: { branch: "main", sha: sha(0), verdict: "unknown" },
    issues: [],
    pullRequests: [],
  },
  tasks: [],
  history: new Map(),
  permissions: new Map([["ann", { login: "ann", level: "write", checkedAt: now }]]),
  selfLogin: "agent",
  publishing: new Set(),
  unsent: [],
  failedWrites: new Map(),
  withdrawn: new Set(),
  awaiting: new Set(),
  questions: new Map(),
  merges: new Map(),
  stuck: new Map(),
  quotas: [],
  pause: null,
  host: host(),
  draining: false,
  ...over,
});

export const plain = { heavy: false, exclusive: false, recurring: false };

export const wanted = (number: number, over: Partial<Wanted> = {}): Wanted => {
  const lane: Lane = over.lane ?? "issue-implementation";
  const isPull = lane.startsWith("pr-");
  const subject = isPull ? `pr:${number}` : `issue:${number}`;
  const traits = over.traits ?? plain;
  const shared = { number, title: "", body: "", url: "", traits };
  return {
    subject,
    lane,
    dedupeKey: `demo/${subject}/${lane}/r1`,
    priority: 0,
    traits,
    createdAt: now - 60 * minute + number,
    dueAt: null,
    stage: isPull ? "fix" : null,
    payload: isPull
      ? {
          kind: "pull-request",
          ...shared,
          headRef: "",
          headSha: sha(number),
          baseRef: "main",
          stage: "fix",
          risk: "low",
          missing: [],
          failures: [],
          findings: [],
          round: 1,
        }
      : { kind: "issue", ...shared, comments: [], revision: "r1", dueAt: null, blocker: null },
    ...over,
  };
};

let ids = 0;

export const task = (of: Wanted, over: Partial<Task> = {}): Task => ({
  id: ++ids,
  queue: "demo",
  subject: of.subject,
  lane: of.lane,
  dedupeKey: of.dedupeKey,
  state: "queued",
  priority: of.priority,
  runAt: now - 10 * minute,
  attempts: 0,
  maxAttempts: 4,
  term: 0,
  cancelRequestedAt: null,
  payload: JSON.parse(JSON.stringify(of.payload)),
  result: null,
  reason: null,
  createdAt: now - 10 * minute,
  updatedAt: now - 10 * minute,
  finishedAt: null,
  ...over,
});
