// Facts of an ended session, and what becomes of them: the conclusion with every write to the forge that it wants.
import type { PublishTarget } from "../../src/decide/publish/publish-rows.ts";
import { decideReconcile, type ReconcileFacts } from "../../src/decide/reconcile/decide-reconcile.ts";
import type { ContractReading, WorkEvidence } from "../../src/domain/evidence.ts";
import type { Lane } from "../../src/domain/lane.ts";
import type { ContractOutcome } from "../../src/domain/lane-contract.ts";
import type { NewOutboxRow, OutboxBodies } from "../../src/domain/outbox.ts";
import type { Ending } from "../../src/domain/session.ts";
import type { Task } from "../../src/domain/task.ts";
import type { Found } from "../../src/scheduler/look-at-work.ts";
import type { Project } from "../../src/scheduler/project.ts";
import { rowsOfConclusion } from "../../src/scheduler/rows-of-conclusion.ts";
import { smallDelta, usualGuards } from "./guards.ts";
import { policy } from "./snapshots.ts";

export const now = 1_800_000_000_000;
export const headSha = "b".repeat(40);
export const startSha = "a".repeat(40);

export const publishTarget: PublishTarget = {
  profileId: "demo",
  labels: { running: "agent-running", blocked: "agent-blocked" },
  pullRequestLabels: [],
  draft: false,
};

export const endingOf = (over: Partial<Ending> = {}): Ending => ({
  exitReason: "finished",
  failureReason: null,
  exitCode: 0,
  signal: null,
  startedAt: now - 1000,
  endedAt: now,
  nativeSessionId: null,
  usage: {},
  retryAt: null,
  summary: "done",
  processes: { killed: 0, survivors: 0 },
  ...over,
});

export const evidenceOf = (over: Partial<WorkEvidence> = {}): WorkEvidence => ({
  headSha,
  commits: 1,
  hostCommit: false,
  files: [{ path: "src/x.js", status: "M", additions: 1, deletions: 1 }],
  problems: [],
  ...over,
});

/** A tree in which nothing was changed. */
export const unchanged = evidenceOf({ files: [], commits: 0, headSha: startSha });

const check = (exitCode: number) => ({ name: "test", command: "npm test", exitCode, durationMs: 10, tail: "" });
export const passed = { ending: endingOf(), report: { passed: true, commands: [check(0)] } };
export const failed = {
  ending: endingOf({ exitReason: "failed" }),
  report: { passed: false, commands: [check(1)] },
};

export type Valid = Extract<ContractReading, { kind: "valid" }>;
export const says = (outcome: ContractOutcome, over: Partial<Valid> = {}): Valid => ({
  kind: "valid",
  outcome,
  isAlert: false,
  detail: "",
  title: null,
  body: null,
  commitMessage: null,
  failureReason: null,
  ...over,
});

export const invalid: ContractReading = { kind: "invalid", problems: ["outcome: unknown"] };
export const missing: ContractReading = { kind: "missing" };

const issuePayload = { kind: "issue", number: 12, title: "Sum is off by one", body: "A smoke test", url: "" };
const pullRequestPayload = {
  kind: "pull-request",
  number: 7,
  headRef: "agent/demo/issue-12-s5-ab",
  headSha: startSha,
  baseRef: "main",
  round: 2,
};

export function taskOf(lane: Lane, over: Partial<Task> = {}): Task {
  const isPull = lane.startsWith("pr-");
  return {
    id: 5,
    queue: "demo",
    subject: isPull ? "pr:7" : "issue:12",
    lane,
    attempts: 1,
    maxAttempts: 4,
    term: 3,
    cancelRequestedAt: null,
    reason: null,
    result: null,
    payload: isPull ? pullRequestPayload : issuePayload,
    ...over,
  } as Task;
}

/** A session of this lane that ended well, with a verified change; `over` says what was otherwise. */
export const factsOf = (lane: Lane, over: Partial<ReconcileFacts> & { task?: Task } = {}): ReconcileFacts => ({
  now,
  task: taskOf(lane),
  started: true,
  startSha,
  baseline: { verdict: "passed", verification: null, verifications: 0 },
  merge: lane === "pr-merge-repair" ? "holds-base" : null,
  ending: endingOf(),
  contract: missing,
  unreadable: null,
  evidence: evidenceOf(),
  inspection: { delta: smallDelta, secrets: [] },
  verification: passed,
  verifications: 1,
  policy: { retryLadder: [300_000, 900_000, 1_800_000, 3_600_000], hasVerification: true, guards: usualGuards },
  ...over,
});

export interface Concluded {
  /** `outcome release reason`, or the next step. */
  readonly ends: string;
  readonly rows: readonly string[];
  /** How long it waits for its next try; null: there is none. */
  readonly retryMs: number | null;
  readonly summary: string;
  readonly bodies: readonly NewOutboxRow[];
}

/** What the two pure halves make of the facts; the writes in the order in which they are sent. */
export async function concluded(facts: ReconcileFacts): Promise<Concluded> {
  const step = decideReconcile(facts);
  if (step.kind !== "conclude") return { ends: step.kind, rows: [], retryMs: null, summary: "", bodies: [] };
  const { release } = step;
  const agent = { id: "s5-ab", backend: "shell", branch: "agent/demo/issue-12-s5-ab", startSha: facts.startSha };
  const found = {
    agent: { ...agent, startedAt: facts.started ? now - 1000 : null },
    evidence: facts.evidence,
    report: facts.verification?.report ?? null,
    contract: facts.contract,
  } as unknown as Found;
  const bodies = await rowsOfConclusion(project, facts.task, found, step);
  return {
    ends: `${step.outcome} ${release.kind} ${step.reason}`,
    rows: bodies.map(briefly),
    retryMs: "runAt" in release ? release.runAt - now : null,
    summary: step.summary,
    bodies,
  };
}

const project = {
  policy: policy(),
  publish: publishTarget,
  worktrees: { baseBranch: () => Promise.resolve("main") },
  store: { sessions: { list: () => Promise.resolve([]) }, tasks: { attempts: () => Promise.resolve([]) } },
} as unknown as Project;

export function briefly({ kind, body }: NewOutboxRow): string {
  if (kind === "add-labels") return `+${(body as OutboxBodies["add-labels"]).labels.join(" +")}`;
  if (kind === "remove-labels") return `-${(body as OutboxBodies["remove-labels"]).labels.join(" -")}`;
  return kind;
}
