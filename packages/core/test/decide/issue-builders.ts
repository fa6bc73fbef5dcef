import { seeded } from "@agent-control-plane/testkit/seeded-random";
import type { SchedulingPolicy } from "../../src/domain/policy.ts";
import type { IssueReading, LabelAct, Permission, TimelineComment } from "../../src/domain/reading.ts";
import type { CandidateIssue } from "../../src/domain/snapshot.ts";
import type { Task } from "../../src/domain/task.ts";
import type { Instant } from "../../src/domain/time.ts";
import type { Issue, PermissionLevel, PullRequest } from "../../src/domain/work-item.ts";
import { policy as usualPolicy } from "../support/snapshots.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** When the issue was opted in, in these tests. */
export const optedInAt: Instant = Date.UTC(2026, 2, 2, 12);

export const policy: SchedulingPolicy = usualPolicy(
  {
    backend: "claude",
    priorities: { urgent: 100, later: -10 },
    trust: { labels: ["admin", "maintain", "write"], comments: ["admin", "maintain", "write", "triage"] },
    timeZone: "Europe/Stockholm",
    maxAttempts: 3,
    onDrift: "continue",
    recurring: { restMs: hour },
    heavy: { labels: ["e2e"], titleWords: ["playwright"], bodyWords: ["playwright", "end-to-end tests"] },
  },
  { workers: 4, launchesPerTick: 4, pullRequestWorkers: 4, recurringWorkers: 1, scheduledWorkers: 1 },
);

export function issue(over: Partial<Issue> = {}): Issue {
  return {
    number: 7,
    title: "Fix the parser",
    body: "It fails.",
    url: "https://forge.test/o/r/issues/7",
    state: "open",
    stateReason: null,
    author: "stranger",
    labels: ["agent-ready"],
    blockedBy: { open: 0, total: 0 },
    subIssues: { completed: 0, total: 0 },
    createdAt: optedInAt - day,
    updatedAt: optedInAt,
    ...over,
  };
}

export const labelAct = (over: Partial<LabelAct> = {}): LabelAct => ({
  order: 10,
  kind: "added",
  label: "agent-ready",
  actor: "owner",
  at: optedInAt,
  ...over,
});

export const comment = (over: Partial<TimelineComment> = {}): TimelineComment => ({
  order: 20,
  id: 1,
  author: "owner",
  body: "Please mind the tests.",
  createdAt: optedInAt,
  updatedAt: optedInAt,
  ...over,
});

interface ReadingParts {
  readonly labelActs?: readonly LabelAct[];
  readonly comments?: readonly TimelineComment[];
  readonly renames?: IssueReading["timeline"]["renames"];
  readonly edit?: IssueReading["edit"];
  readonly blockers?: IssueReading["blockers"];
}

export const reading = (parts: ReadingParts = {}): IssueReading => ({
  timeline: {
    labelActs: parts.labelActs ?? [labelAct()],
    comments: parts.comments ?? [],
    renames: parts.renames ?? [],
    reviews: [],
    pushes: [],
  },
  edit: parts.edit ?? null,
  blockers: parts.blockers ?? [],
});

export function candidate(over: Partial<Issue> = {}, parts: ReadingParts | null = {}): CandidateIssue {
  const item = issue(over);
  const stored = { itemUpdatedAt: item.updatedAt, isSettled: true, readAt: item.updatedAt, headSeenAt: null };
  return {
    issue: item,
    reading: parts === null ? null : { ...stored, reading: reading(parts) },
    dependencies: new Map(),
  };
}

export const permissions = (levels: Readonly<Record<string, PermissionLevel>>): ReadonlyMap<string, Permission> =>
  new Map(Object.entries(levels).map(([login, level]) => [login, { login, level, checkedAt: 0 }]));

/** `owner` may all, `helper` may comment, `stranger` nothing; of anybody else nothing is known. */
export const known = permissions({ owner: "admin", helper: "triage", stranger: "read", "acp-bot": "write" });

export const pullRequest = (over: Partial<PullRequest> = {}): PullRequest => ({
  number: 70,
  title: "A change",
  body: "",
  url: "https://forge.test/o/r/pull/70",
  state: "open",
  merged: false,
  draft: false,
  author: "owner",
  labels: [],
  headRef: "topic",
  headSha: "a".repeat(40),
  headRepo: "o/r",
  baseRef: "main",
  requestedReviewers: [],
  createdAt: optedInAt,
  updatedAt: optedInAt,
  ...over,
});

export const task = (over: Partial<Task> = {}): Task => ({
  id: 1,
  queue: "demo",
  subject: "issue:7",
  lane: "issue-implementation",
  dedupeKey: null,
  state: "succeeded",
  priority: 0,
  runAt: 0,
  attempts: 1,
  maxAttempts: 3,
  term: 1,
  cancelRequestedAt: null,
  payload: {},
  result: null,
  reason: null,
  createdAt: optedInAt,
  updatedAt: optedInAt,
  finishedAt: optedInAt,
  ...over,
});

/** Chance with a seed: the same seed gives the same sequence. */
export function chanceOf(seed: number): { readonly below: (end: number) => number; readonly pick: Pick } {
  const random = seeded(seed);
  const below = (end: number): number => Math.floor(random() * 4_294_967_296) % end;
  const pick: Pick = (from) => from[below(from.length)] as never;
  return { below, pick };
}

type Pick = <T>(from: readonly T[]) => T;
