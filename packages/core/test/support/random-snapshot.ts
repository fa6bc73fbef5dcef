// A whole snapshot from one seed: what people, agents and the forge may leave behind in any mixture, within what the
// store itself guarantees (one running task of a subject, one live task of a key).
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { judgeAll } from "../../src/decide/judge-candidates.ts";
import { accountSlots } from "../../src/decide/provider/quota-covers.ts";
import {
  type BaseView,
  type BrokenBaseItem,
  type CandidateIssue,
  type CandidatePullRequest,
  type Check,
  type DependencyState,
  type ItemSpend,
  type Json,
  type LabelAct,
  type Lane,
  type LaneHistory,
  lanes,
  type MergeRow,
  type Quota,
  type SchedulingPolicy,
  type Snapshot,
  type SpendView,
  type Stuck,
  type Task,
  type TaskState,
  type Timeline,
  type Wanted,
} from "../../src/index.ts";
import {
  host,
  issue,
  minute,
  now,
  plain,
  policy,
  pullRequest,
  quota,
  served,
  sha,
  snapshot,
  timeline,
} from "./snapshots.ts";

const people = ["ann", "bob", "eve", "ghost", "unasked", "agent"];

const unseenBecause = ["forge-unreachable", "forge-refused", "forge-rate-limited"] as const;
const refusals = ["host-memory-low", "host-disk-low", "host-load-high"] as const;

interface Dice {
  readonly random: () => number;
  readonly oneIn: (count: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  readonly upTo: (count: number) => number;
}

function dice(seed: number): Dice {
  const random = seeded(seed);
  return {
    random,
    oneIn: (count) => random() * count < 1,
    pick: <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T,
    upTo: (count) => Math.floor(random() * (count + 1)),
  };
}

export function randomSnapshot(seed: number): Snapshot {
  const one = dice(seed);
  const { oneIn, pick, upTo } = one;
  // Of their own, so that a seed gives the same items with and without them.
  const ofProviders = dice(seed + 1_000_000);
  const rules = { ...randomPolicy(one), ...randomProviders(ofProviders) };
  const issues = Array.from({ length: upTo(8) }, (_, index) => {
    const it = randomIssue(one, rules, index + 1);
    return { ...it, issue: { ...it.issue, labels: [...it.issue.labels, ...randomModelLabels(ofProviders)] } };
  });
  const pullRequests = Array.from({ length: upTo(8) }, (_, index) => randomPull(one, rules, index + 101));
  const seen = snapshot({
    policy: rules,
    forge: {
      kind: "seen",
      base: {
        ...{ branch: "main", sha: sha(0), verdict: pick(["unknown", "passed", "passed", "broken"]) },
        ...(pullRequests.length % 4 === 3 ? { failing: ["test-failed"] } : {}),
        ...brokenBefore(pullRequests.length),
      },
      issues,
      pullRequests,
    },
    permissions: new Map([
      ["ann", { login: "ann", level: "write", checkedAt: now }],
      ["bob", { login: "bob", level: pick(["admin", "triage"]), checkedAt: now }],
      ["eve", { login: "eve", level: "read", checkedAt: now }],
      ["agent", { login: "agent", level: "write", checkedAt: now }],
    ]),
    selfLogin: oneIn(5) ? null : "agent",
    pause: oneIn(20) ? { actor: "ann", reason: "", at: now - minute } : null,
    quotas: randomQuotas(ofProviders),
    draining: oneIn(30),
  });
  const { tasks, history } = randomPast(one, seen);
  const ended = [...tasks, ...[...history.values()].flat().map(({ newest }) => newest)];
  const unsent = ended.filter(({ state }) => state === "succeeded" && oneIn(2));
  const failedWrites = new Map(ended.filter(() => oneIn(10)).map(({ id }) => [id, id + 1000]));
  const running = tasks.filter(({ state }) => state === "running").length;
  const slots = new Map(providers.flatMap(accountSlots).map((slot) => [slot, ofProviders.pick([0, 0, 0, 1, 2])]));
  return {
    ...seen,
    spend: randomSpend(seed),
    forge: oneIn(25) ? { kind: "unseen", because: pick(unseenBecause), detail: "no answer" } : seen.forge,
    tasks,
    history,
    publishing: new Set(ended.filter(() => oneIn(6)).map(({ subject }) => `demo/${subject}`)),
    unsent,
    failedWrites,
    merges: randomMerges(one, pullRequests),
    withdrawn: new Set([...failedWrites.keys(), ...unsent.map(({ id }) => id)].filter(() => oneIn(3))),
    host: host({
      maxWorkers: pick([1, 3, 100]),
      load: new Map([
        ["demo", { running, wanting: upTo(4), waitingSince: oneIn(2) ? now - minute : null }],
        ["other", { running: upTo(2), wanting: upTo(2), waitingSince: now - 2 * minute }],
      ]),
      providers: new Map(oneIn(3) ? [["shell", { running: running + upTo(1), max: pick([1, 4]) }]] : []),
      slots,
      refusal: oneIn(25) ? { because: pick(refusals), detail: "12 MB free, 1024 wanted" } : null,
    }),
    awaiting: new Set(unsent.map(({ id }) => id).filter(() => oneIn(12))),
    stuck: new Map(unsent.filter(() => oneIn(4)).map((task) => [task.id, randomStuck(one, task)])),
  };
}

function randomPolicy({ pick, oneIn, upTo }: Dice): SchedulingPolicy {
  const rules = policy();
  return {
    ...rules,
    lanes: oneIn(6) ? lanes.filter(() => !oneIn(3)) : lanes,
    onDrift: pick(["restart", "continue", "ask"]),
    priorities: { urgent: 10 },
    limits: {
      workers: pick([1, 2, 4, 10]),
      launchesPerTick: pick([1, 3, 10]),
      pullRequestWorkers: pick([1, 3, 10]),
      heavyWorkers: 1,
      recurringWorkers: 1 + upTo(2),
      scheduledWorkers: 1 + upTo(1),
      scheduledHeavyWorkers: 1,
      blockedRecoveryWorkers: 1,
      openAgentPullRequests: pick([0, 3, 100]),
    },
    reviews: {
      post: "review",
      status: true,
      second: { backend: null, model: null },
      people: [],
      maxStuckRounds: 2,
    },
    pullRequests: {
      ...rules.pullRequests,
      risk: { ...rules.pullRequests.risk, criticalApp: ["src/**"], systemBreaking: ["deploy/**"] },
      mayLackChecks: !oneIn(3),
      infraFailures: ["runner died"],
    },
    merge: { ...rules.merge, enabled: oneIn(2), requireApproval: pick(["none", "agent-review", "human"]) },
    budgets: {
      ...rules.budgets,
      item: { usd: 5, tokens: 500 },
      breaker: { usd: 3, tokens: null, sessions: 4 },
      day: { usd: 50, tokens: 5_000 },
    },
  };
}

/** A few items over one limit or another; dice of its own, so that the rest of a seed stays what it was. */
export function randomSpend(seed: number): SpendView {
  const { oneIn, pick, upTo } = dice(seed + 0x5eed);
  const items = new Map<string, ItemSpend>();
  for (const subject of [...numbered("issue", 1), ...numbered("pr", 101)]) {
    if (!oneIn(6)) continue;
    const total = { tokens: pick([0, 100, 499, 500, 900]), usd: pick([0, 1, 2.99, 3, 5, 8]) };
    const base = { tokens: pick([0, 400]), usd: pick([0, 4]) };
    const raise = { ...{ id: 1, subject, usd: pick([null, 20]), tokens: null, base }, ...said };
    items.set(subject, {
      total,
      ...{ sessions: 1 + upTo(4), unknownCost: upTo(1), backend: "shell", model: null },
      acceptedAt: oneIn(2) ? now - 10 * minute : null,
      acceptedTotal: oneIn(2) ? total : { tokens: 0, usd: 0 },
      failedSince: upTo(5),
      raise: oneIn(4) ? raise : null,
      stop: oneIn(8) ? { sessionId: "s1", stop: null } : null,
    });
  }
  const told = new Set(oneIn(2) ? [...items.keys()].map((subject) => `demo/${subject}/budget/item/0`) : []);
  const spent = oneIn(20) ? { tokens: 10, usd: 50 } : { tokens: 4_999, usd: 49 };
  return { items, day: { spent, until: now + 60 * minute }, told };
}

const said = { actor: "ann", reason: "", at: now - 20 * minute };
const numbered = (kind: string, from: number) => Array.from({ length: 8 }, (_, index) => `${kind}:${from + index}`);

const providers = [served(), served("claude"), { ...served("claude"), model: "opus", pool: "big" }, served("codex")];

function randomProviders({ oneIn, pick, upTo }: Dice): Pick<SchedulingPolicy, "providers"> {
  if (oneIn(2)) return {};
  const some = () => providers.slice(upTo(1)).filter((_, place) => place === 0 || oneIn(2));
  return {
    providers: {
      usual: some(),
      lanes: oneIn(2) ? {} : { [pick(lanes)]: some() },
      rules: oneIn(2) ? [] : [{ labels: ["urgent"], providers: some() }],
      models: { big: some() },
      ownModels: {},
    },
  };
}

const randomModelLabels = ({ oneIn, pick }: Dice): readonly string[] =>
  oneIn(10) ? [pick(["agent-model:big", "agent-model:small"])] : [];

function randomQuotas({ oneIn, pick }: Dice): readonly Quota[] {
  if (!oneIn(4)) return [];
  return providers.flatMap(({ account, backend, model }) => {
    if (oneIn(2)) return [];
    const resetAt = now + pick([-minute, -minute, minute]);
    const reason = pick(["usage-limit", "auth-401"] as const);
    return [quota({ account, backend, model: pick(["*", model ?? "default"]), window: "usage", resetAt, reason })];
  });
}

/** Merges of the present head and of others, in every state. */
function randomMerges({ oneIn, pick }: Dice, pulls: readonly CandidatePullRequest[]): Snapshot["merges"] {
  const asked = pulls
    .filter(() => !oneIn(3))
    .map(({ pullRequest }, index): [string, readonly MergeRow[]] => {
      const { number, headSha } = pullRequest;
      const body = {
        number,
        headSha: oneIn(4) ? sha(3) : headSha,
        method: "squash",
        title: null,
        message: null,
      } as const;
      const decidedOn = { baseSha: pick([sha(0), sha(1)]), act: -1 };
      const row = {
        ...{ idempotencyKey: `demo/pr:${number}/merge/${headSha}/1`, isTakenOut: false },
        ...{ id: 5_000 + index, createdAt: now - minute, lastError: null, sendStartedAt: null },
        result: null,
      };
      const lastError = pick(["405: no", "409: no", "withdrawn: held"]);
      const over: Partial<MergeRow> = pick<Partial<MergeRow>>([
        { state: "pending", sendStartedAt: oneIn(2) ? now : null },
        { state: "failed", lastError },
        { state: "dropped", lastError },
        {
          state: "sent",
          result: pick<Json>([{ merged: true }, { merged: false, queued: true }]),
          isTakenOut: oneIn(3),
        },
      ]);
      return [`pr:${number}`, [{ ...row, state: "pending", body: { ...body, queue: oneIn(4), decidedOn }, ...over }]];
    });
  return new Map(asked);
}

function randomIssue(one: Dice, { labels }: SchedulingPolicy, number: number): CandidateIssue {
  const { oneIn, pick, upTo } = one;
  const worn = [
    ...(oneIn(15) ? [] : [labels.ready]),
    ...(oneIn(12) ? [labels.hold] : []),
    ...(oneIn(6) ? [labels.blocked] : []),
    ...(oneIn(6) ? [labels.keepOpen] : []),
    ...(oneIn(8) ? [labels.exclusive] : []),
    ...(oneIn(5) ? [labels.heavy] : []),
    ...(oneIn(6) ? ["urgent"] : []),
  ];
  const it = issue(number, {
    labels: worn,
    state: oneIn(20) ? "closed" : "open",
    body: pick([
      ...["", "", "", "Agent schedule: every 6h", "Schedule: cron 0 6 * * *", "Agent schedule: sometimes"],
      ...[`Depends-on: #${1 + upTo(8)}`, `Depends-on: #${number % 8 || 8}`, "Depends-on: #900"],
    ]),
    blockedBy: oneIn(20) ? { open: 1, total: 1 } : { open: 0, total: 0 },
    subIssues: oneIn(20) ? { completed: 0, total: 1 } : { completed: 0, total: 0 },
  });
  return {
    issue: it,
    dependencies: new Map([
      ...Array.from({ length: 8 }, (_, index): [number, DependencyState] => [index + 1, "open"]),
      ...(oneIn(4) ? [] : [[900, pick<DependencyState>(["open", "completed", "not-planned", "gone"])] as const]),
    ]),
    reading: oneIn(12)
      ? null
      : {
          itemUpdatedAt: oneIn(15) ? it.updatedAt - 1 : it.updatedAt,
          isSettled: !oneIn(5),
          readAt: now,
          headSeenAt: null,
          reading: {
            timeline: randomTimeline(one, worn, it.updatedAt),
            edit: oneIn(10) ? { editor: pick(people), at: now - pick([55, 65]) * minute } : null,
            blockers: oneIn(15) ? [{ number: 800, repo: null, state: "open", stateReason: null }] : [],
          },
        },
  };
}

function randomTimeline({ oneIn, pick }: Dice, worn: readonly string[], at: number, head = ""): Timeline {
  const labelActs: LabelAct[] = worn.map((label, index) => ({
    ...{ order: index + 10, kind: "added", label, at },
    actor: label === "agent-blocked" ? pick(["agent", "ann"]) : oneIn(8) ? pick(people) : "ann",
  }));
  return timeline({
    labelActs: oneIn(20) ? [] : labelActs,
    comments: oneIn(6)
      ? [{ order: 20, id: 20, author: pick(people), body: "and this", createdAt: at, updatedAt: at }]
      : [],
    renames: oneIn(15) ? [{ order: 30, actor: pick(people), at }] : [],
    reviews:
      head !== "" && oneIn(4)
        ? [
            {
              ...{ order: 21, id: 21, author: pick(people), body: "hm", headSha: pick([head, sha(9)]), at },
              state: pick(["approved", "changes-requested", "commented", "dismissed", "pending"]),
            },
          ]
        : [],
    pushes: head === "" ? [] : [{ order: pick([1, 40]), kind: "commit", sha: head }],
  });
}

function randomPull(one: Dice, { labels }: SchedulingPolicy, number: number): CandidatePullRequest {
  const { oneIn, pick, upTo } = one;
  const kinds = [
    "hold",
    "blocked",
    "exclusive",
    "heavy",
    "manualFixOverride",
    "humanApproved",
    "repairQueued",
  ] as const;
  const worn = [...kinds.filter(() => oneIn(10)).map((kind) => labels[kind]), ...(oneIn(3) ? [labels.handoff] : [])];
  const it = pullRequest(number, {
    labels: worn,
    headRef: oneIn(3) ? `feature/${number}` : `agent/demo/issue-${upTo(3) === 0 ? upTo(8) : 700 + number}-s1`,
    headRepo: oneIn(10) ? pick(["stranger/r", null]) : "o/r",
    draft: oneIn(15),
    state: oneIn(25) ? "closed" : "open",
    requestedReviewers: oneIn(15) ? ["bob"] : [],
    baseRef: oneIn(10) ? "release" : "main",
  });
  const check = (state: Check["state"]): Check => ({
    ...{ name: `test-${state}`, kind: "check-run", state, id: 1, runId: oneIn(2) ? 7 : null, url: null },
    summary: oneIn(4) ? "runner died" : "1 test failed",
  });
  const paths = ["docs/a.md", "src/app.ts", "deploy/all.tf", "lib/x.ts"];
  return {
    pullRequest: it,
    reading: oneIn(10)
      ? null
      : {
          itemUpdatedAt: oneIn(15) ? it.updatedAt - 1 : it.updatedAt,
          isSettled: true,
          readAt: now,
          headSeenAt: oneIn(10) ? null : now - 80 * minute,
          baseSha: oneIn(10) ? sha(1) : sha(0),
          ...(oneIn(5) ? { ciRefreshes: { used: 1 + upTo(1), lastAt: now - pick([1, 60]) * minute } } : {}),
          reading: {
            headSha: oneIn(20) ? sha(2) : it.headSha,
            mergeState: oneIn(2) ? "clean" : pick(["dirty", "blocked", "behind", "unstable", "draft", "unknown"]),
            files: oneIn(12)
              ? null
              : [{ path: pick(paths), status: "M", additions: oneIn(10) ? 5_000 : 3, deletions: 0 }],
            checks: oneIn(3) ? [] : [check(pick(["passed", "passed", "failed", "pending", "neutral", "skipped"]))],
            timeline: randomTimeline(one, worn, it.updatedAt, it.headSha),
          },
        },
  };
}

function randomStuck({ oneIn, pick }: Dice, task: Task): Stuck {
  const refused = { rowId: task.id + 1000, kind: "push-branch", error: "no", dueAt: now - minute } as const;
  const asked = oneIn(3) ? null : { at: pick([null, now - 1_000, now - 5 * minute]) };
  return { task, refused: oneIn(4) && asked ? null : refused, asked };
}

/** Tasks as the candidates ask for them, or as they asked before they were changed, in every state. */
function randomPast(one: Dice, seen: Snapshot): Pick<Snapshot, "tasks" | "history"> {
  const { oneIn, pick, upTo } = one;
  const tasks: Task[] = [];
  const history = new Map<string, LaneHistory[]>();
  const blocked = new Set<Wanted>();
  const wanted = judgeAll(seen).flatMap(({ verdict, subject, pin }): readonly Wanted[] => {
    if (verdict.kind === "wanted") return [verdict.wanted];
    const isBlocked = verdict.because === "blocked";
    if (!isBlocked && oneIn(2)) return [];
    const made = wantedOf(pick(lanesOf(subject)), subject, oneIn(isBlocked ? 6 : 2) ? "r0" : (pin ?? "r0"));
    if (isBlocked) blocked.add(made);
    return [made];
  });
  let id = 0;
  const strays = Array.from({ length: upTo(2) }, (_, index) =>
    wantedOf("issue-implementation", `issue:${300 + index}`, "r1"),
  );
  for (const each of [...wanted, ...strays]) {
    const running = oneIn(6);
    if (running) {
      // It may have begun before the item was changed; what takes its place may wait already.
      const before = oneIn(2) ? { ...each, dedupeKey: `${each.dedupeKey}-before` } : each;
      tasks.push(randomTask(one, ++id, before, "running"));
      if (before !== each && oneIn(2)) tasks.push(randomTask(one, ++id, each, "queued"));
    } else if (!blocked.has(each) && oneIn(3)) {
      tasks.push(randomTask(one, ++id, each, pick(["queued", "queued", "scheduled"])));
    } else if (blocked.has(each) || oneIn(2)) {
      const ends = ["succeeded", "succeeded", "cancelled", "dead"] as const;
      const ended = randomTask(one, ++id, each, blocked.has(each) ? "dead" : pick(ends));
      if (oneIn(2)) tasks.push(ended);
      history.set(each.subject, [{ lane: each.lane, newest: ended }]);
    }
  }
  return { tasks, history };
}

const lanesOf = (subject: string): readonly Lane[] =>
  lanes.filter((lane) => lane.startsWith("pr-") === subject.startsWith("pr:"));

function wantedOf(lane: Lane, subject: string, pin: string): Wanted {
  const number = Number(subject.split(":")[1]);
  const shared = { number, title: "", body: "", url: "", traits: plain };
  const isPull = lane.startsWith("pr-");
  return {
    ...{ subject, lane, dedupeKey: `demo/${subject}/${lane}/${pin}`, priority: 0, traits: plain },
    ...{ createdAt: now - 100 * minute, dueAt: null, stage: isPull ? ("fix" as const) : null },
    payload: isPull
      ? {
          ...{ kind: "pull-request", ...shared, headRef: "", headSha: pin, baseRef: "main", stage: "fix" },
          ...{ risk: "low", missing: [], failures: [], findings: [], round: 1 },
        }
      : { kind: "issue", ...shared, comments: [], revision: pin, dueAt: null, blocker: null },
  };
}

function randomTask({ oneIn, pick, upTo }: Dice, id: number, of: Wanted, state: TaskState): Task {
  const hasEnded = state === "succeeded" || state === "dead" || state === "cancelled";
  const isReview = of.lane === "pr-review";
  const reasons: Readonly<Record<TaskState, readonly (string | null)[]>> = {
    scheduled: ["worker-exit-failed", "launch-failed"],
    queued: [null],
    running: [null, "held"],
    succeeded: isReview
      ? ["review-approved", "changes-requested"]
      : of.lane === "pr-fix"
        ? ["published", "no-change-needed"]
        : ["published"],
    dead: ["issue-worker-blocked", "verification-failed", "worker-exit-failed"],
    cancelled: ["operator", "superseded", "held", "not-wanted"],
  };
  const reason = pick(reasons[state]);
  const at = now - pick([0, 5, 30, 90]) * minute;
  return {
    ...{ id, queue: "demo", subject: of.subject, lane: of.lane, dedupeKey: of.dedupeKey, state, priority: 0 },
    runAt: state === "scheduled" ? now + pick([0, 10]) * minute : at,
    attempts: upTo(3),
    ...{ maxAttempts: 4, term: 1 },
    cancelRequestedAt: state === "running" && reason !== null ? now - minute : null,
    payload: JSON.parse(JSON.stringify({ ...of.payload, ...(oneIn(8) ? { revision: "r-old" } : {}) })) as Json,
    result: state === "dead" ? { summary: "no", startSha: pick([sha(0), sha(1)]) } : null,
    ...{ reason, createdAt: at, updatedAt: at, finishedAt: hasEnded ? at : null },
  };
}

/** From what is there already: it draws nothing, so that the seeds keep their meaning. */
function brokenBefore(pulls: number): Pick<BaseView, "item" | "checks"> {
  if (pulls % 3 === 0) return {};
  const item: BrokenBaseItem = {
    ...{ episode: 1, cause: pulls % 2 === 0 ? "checks" : "verification", sha: sha(pulls % 5 === 0 ? 0 : 1) },
    ...{ greenSha: null, closedAt: pulls % 6 === 1 ? 1 : null, issue: 9_000, isRefused: false, issueState: "open" },
  };
  return { item, checks: pulls % 4 === 2 ? "passed" : "unknown" };
}
