// /api/snapshot.json against the fields of the reference's dashboard (what existing readers look for), name by name.
import type { Quota } from "@agent-control-plane/core";
import { describe, expect, it } from "vitest";
import type { HostDocument, LiveSession, ProfileDocument, ShownWrite } from "../documents/index.ts";
import type { Document } from "../live/document.ts";
import { buildSnapshot, type Snapshot } from "./build-snapshot.ts";
import type { SnapshotFacts } from "./facts.ts";

/** By place: every field of the reference, and how it is typed there. */
const reference: Readonly<Record<string, readonly string[]>> = {
  "": ["generated_at flow_skill_dir profile_registry_root", "#profile_count #alert_count", "[]alerts []profiles"],
  "profiles[]": [
    "id repo_slug repo_root runs_root state_root history_root issue_prefix pr_prefix coding_worker",
    "{}provider_pool {}codex_rotation {}counts {}issue_queue {}github_outbox",
    "[]runs []recent_history []alerts []resident_controllers []resident_workers []provider_cooldowns",
    "[]scheduled_issues []issue_retries []pr_retries",
  ],
  "profiles[].provider_pool": [
    "order name backend model key selection_reason next_attempt_at last_reason pools_exhausted",
  ],
  "profiles[].counts": [
    "#active_runs #running_runs #failed_runs #succeeded_runs #implemented_runs #reported_runs #blocked_runs",
    "#completed_runs #recent_history_runs #resident_controllers #live_resident_controllers",
    "#stale_resident_controllers #resident_workers #queued_issues #claimed_issues #provider_cooldowns",
    "#active_retries #scheduled_issues #alerts #pending_github_writes #failed_github_writes",
  ],
  "profiles[].runs[]": [
    "session task_kind task_id mode status lifecycle_status started_at updated_at coding_worker branch worktree",
    "thread_id failure_reason outcome action result_only_completion result_kind result_label resident_worker_key",
    "provider_model provider_pool_name run_dir []alerts",
  ],
  "profiles[].recent_history[]": [
    "session task_kind task_id status lifecycle_status updated_at coding_worker failure_reason outcome action",
    "result_kind result_label run_dir ?archived []alerts",
  ],
  "alerts[]": ["id kind severity title message session task_kind task_id reset_at updated_at source_file"],
  "profiles[].alerts[]": ["id kind severity title message session task_kind task_id reset_at updated_at source_file"],
  "profiles[].resident_controllers[]": [
    "issue_id session #controller_pid ?controller_live ?controller_stale mode #loop_count state reason next_wake_at",
    "updated_at worker_key lane_kind lane_value provider_pool_name provider_backend provider_model provider_key",
    "#provider_switch_count #provider_failover_count #provider_wait_count #provider_wait_total_seconds",
    "#provider_last_wait_seconds last_provider_switch_at last_provider_switch_reason last_provider_from_backend",
    "last_provider_from_model last_provider_to_backend last_provider_to_model controller_file",
  ],
  "profiles[].resident_workers[]": [
    "key scope kind issue_id coding_worker #task_count last_status last_started_at last_finished_at",
    "last_run_session last_outcome last_action last_failure_reason worktree resident_lane_kind resident_lane_value",
    "resident_lane metadata_file",
  ],
  "profiles[].provider_cooldowns[]": [
    "provider_key #attempts #next_attempt_epoch next_attempt_at last_reason updated_at ?active state_file",
  ],
  "profiles[].scheduled_issues[]": ["issue_id #interval_seconds last_started_at next_due_at updated_at state_file"],
  "profiles[].issue_retries[]": [
    "issue_id #attempts #next_attempt_epoch next_attempt_at last_reason updated_at ?ready state_file",
  ],
  "profiles[].pr_retries[]": [
    "pr_number #attempts #next_attempt_epoch next_attempt_at last_reason updated_at ?ready state_file",
  ],
  "profiles[].issue_queue": ["[]pending []claims"],
  "profiles[].issue_queue.pending[]": [
    "issue_id session claim_file queued_by claimed_by state_kind state_format_version updated_at state_file",
  ],
  "profiles[].issue_queue.claims[]": [
    "issue_id session claim_file queued_by claimed_by state_kind state_format_version updated_at state_file",
  ],
  "profiles[].github_outbox": ["[]pending []sent_recent []failed_recent {}counts"],
  "profiles[].github_outbox.counts": [
    "#pending #sent #failed #pending_comments #pending_approvals #pending_label_updates",
  ],
  "profiles[].github_outbox.pending[]": [
    "type repo_slug #number kind created_at updated_at file #add_count #remove_count body_preview",
  ],
  "profiles[].codex_rotation": [
    "active_label []candidate_labels []ready_candidates next_retry_label #next_retry_epoch next_retry_at",
    "switch_decision last_switch_label last_switch_reason #last_switch_epoch state_file",
  ],
};

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  "#": (value) => typeof value === "number",
  "?": (value) => typeof value === "boolean",
  "[]": Array.isArray,
  "{}": (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "": (value) => typeof value === "string",
};

function fieldsOf(rows: readonly string[]) {
  return rows
    .join(" ")
    .split(" ")
    .map((row) => {
      const [, type = "", name = ""] = /^(#|\?|\[\]|\{\}|)(\w+)$/.exec(row) ?? [];
      return { type, name };
    });
}

/** Every value at a place; a list that is empty would say nothing, so it is refused. */
function valuesAt(from: unknown, place: string): readonly Record<string, unknown>[] {
  let found: readonly unknown[] = [from];
  for (const step of place === "" ? [] : place.split(".")) {
    const name = step.replace("[]", "");
    found = found.flatMap((value) => {
      const next = (value as Record<string, unknown>)[name];
      return step.endsWith("[]") ? (next as readonly unknown[]) : [next];
    });
    expect(found, place).not.toEqual([]);
  }
  return found as readonly Record<string, unknown>[];
}

const now = 1_700_000_000_000;

function session(more: Partial<LiveSession>): LiveSession {
  return {
    ...{ id: "s1", subject: "issue:12", lane: "issue-implementation", kind: "agent", state: "running" },
    ...{ backend: "codex", model: "gpt-5", attempt: 2, intendedAt: now - 9_000, startedAt: now - 8_000, endedAt: null },
    ...{ outcome: null, exitReason: null, summary: null, spend: null, activity: null },
    ...more,
  };
}

const write: ShownWrite = {
  ...{ id: 7, kind: "add-labels", state: "pending", createdAt: now - 5_000, number: 12, preview: "agent-running, x" },
  ...{ tries: 0, lastError: null, nextAt: now, sentAt: null, awaits: false },
};

const over = (id: string, outcome: string | null, exitReason = "finished") =>
  session({ id, outcome, exitReason, state: "concluded", endedAt: now - 1_000 });

const web: ProfileDocument = {
  ...{ profileId: "web", running: true, pid: 42, state: "ready", problems: 0, problemTexts: [] },
  ...{ repository: { slug: "ann/web", url: "https://github.com/ann/web" }, pauses: [], rules: null, lastTick: null },
  live: [session({}), session({ id: "s2", subject: "pr:13", lane: "pr-fix" })],
  recent: [
    ...[over("s3", "published"), over("s4", "reported"), over("s5", "needs-human"), over("s6", "reviewed")],
    ...[over("s7", "try-again", "failed"), over("s8", null), over("s9", null, "stalled")],
    ...[over("s10", "published"), over("s11", "published")],
  ],
  ...{ residents: [], decisions: [] },
  ...{
    next: [
      { subject: "issue:20", lane: "issue-implementation" },
      { subject: "pr:21", lane: "pr-fix" },
    ],
  },
  ...{ tasks: {}, titles: { "pr:13": "t", "issue:12": "u" }, room: { running: 2, most: 3 }, lanes: [], pulls: [] },
  ...{ needsPerson: [], publishedToday: { comment: 2, merge: 1 }, wakeUps: [], awaiting: [] },
  schedule: [{ subject: "issue:30", line: "every 2h", everyMs: 7_200_000, lastAt: null, dueAt: now + 60_000 }],
  alerts: [
    {
      ...{ id: "a1", kind: "worker-preflight-network-blocked", severity: "warn", title: "T", message: "M" },
      ...{ subject: "issue:12", at: now - 4_000 },
    },
  ],
  retries: [
    { subject: "issue:12", lane: "issue-implementation", attempts: 1, maxAttempts: 5, runAt: now + 1_000, reason: "r" },
    { subject: "pr:13", lane: "pr-fix", attempts: 2, maxAttempts: 5, runAt: now - 1_000, reason: null },
  ],
  spend: { today: { tokens: 0, usd: 0 }, limit: { usd: null, tokens: null } },
  outbox: { pending: 25, failed: 6, heldBack: 1, waits: null },
  writes: {
    pending: Array.from({ length: 25 }, (_, at) => ({ ...write, id: 7 + at })),
    failed: Array.from({ length: 6 }, () => ({ ...write, kind: "comment", state: "failed" })),
    sent: Array.from({ length: 6 }, () => ({ ...write, kind: "review", state: "sent", sentAt: now - 100 })),
  },
};

const limit: Quota = {
  ...{ account: "ann", backend: "codex", model: "*", window: "weekly", scope: "ann/codex/*/weekly", hits: 3 },
  ...{ resetAt: now + 3_600_000, reason: "provider-quota-limit", source: "structured", seenAt: now - 100, metAt: now },
};

const host: HostDocument = {
  ...{ home: "/h", version: "1.2.3", runtimes: [], hostRules: null, allowances: [], flows: [] },
  cooldowns: [{ scope: "forge:abc", until: now + 60_000, reason: "rate limit" }],
  providers: [
    { ...limit, state: "in-force" },
    { ...limit, account: "other", scope: "other/codex/*/weekly", state: "in-force" },
  ],
};

const sessionFacts = {
  ...{ branch: "b", worktree: "/w", runDir: "/r", pool: "main", threadId: "t", conversationId: "c1" },
  failureReason: null,
};

const facts: SnapshotFacts = {
  ...{ programDir: "/opt/acp", profilesDir: "/h/profiles", storeFile: "/h/state.db" },
  profiles: new Map([
    [
      "web",
      {
        ...{ repoRoot: null, runsRoot: "/runs", stateRoot: "/h", historyRoot: "/runs/history", codingWorker: "codex" },
        providers: [
          { backend: "codex", model: null, account: "ann", pool: "main" },
          { backend: "codex", model: "m", account: "bob", pool: "spare" },
        ],
        sessions: new Map(["s1", "s2", "s3"].map((id) => [id, sessionFacts])),
        labels: new Map([[7, { add: 2, remove: 0 }]]),
        pending: { comments: 3, approvals: 1, labels: 25 },
      },
    ],
  ]),
};

function snapshotOf(...profiles: readonly object[]): Snapshot {
  const documents = profiles.map((profile) => {
    const { profileId } = profile as { profileId: string };
    return [`profile:${profileId}`, profile as Document] as const;
  });
  return buildSnapshot(new Map([["host", host as unknown as Document], ...documents]), facts, now);
}

describe("the snapshot", () => {
  const snapshot = snapshotOf(web);

  it.each(Object.entries(reference))("has all fields that the reference has at %j, each of its type", (place, rows) => {
    for (const value of valuesAt(snapshot, place))
      for (const { type, name } of fieldsOf(rows)) {
        expect(Object.keys(value), place).toContain(name);
        expect([name, types[type]?.(value[name])], place).toEqual([name, true]);
      }
  });

  it("has JSON and nothing else in it", () => {
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it("tells what became of each session in the reference's words", () => {
    const { runs, recent_history } = snapshot.profiles[0] as Snapshot["profiles"][0];
    expect(runs[0]).toMatchObject({
      task_kind: "issue",
      task_id: "12",
      status: "RUNNING",
      result_label: "In progress",
    });
    expect(recent_history.map((run) => [run.session, run.status, run.result_kind, run.result_label])).toEqual([
      ["s3", "SUCCEEDED", "implemented", "Implemented"],
      ["s4", "SUCCEEDED", "reported", "Reported"],
      ["s5", "SUCCEEDED", "blocked", "Blocked"],
      ["s6", "SUCCEEDED", "completed", "Completed"],
      ["s7", "FAILED", "failed", "Failed: failed"],
      ["s8", "SUCCEEDED", "unknown", "Unknown"],
      ["s9", "FAILED", "failed", "Failed: stalled"],
      ["s10", "SUCCEEDED", "implemented", "Implemented"],
    ]);
  });

  it("counts what it lists", () => {
    expect(snapshot.profiles[0]?.counts).toEqual({
      ...{ active_runs: 2, running_runs: 2, failed_runs: 2, succeeded_runs: 6, implemented_runs: 2, reported_runs: 1 },
      ...{ blocked_runs: 1, completed_runs: 1, recent_history_runs: 8, resident_controllers: 1 },
      ...{ live_resident_controllers: 1, stale_resident_controllers: 0, resident_workers: 1, queued_issues: 1 },
      ...{ claimed_issues: 1, provider_cooldowns: 1, active_retries: 2, scheduled_issues: 1, alerts: 1 },
      ...{ pending_github_writes: 25, failed_github_writes: 6 },
    });
    expect(snapshot.alert_count).toBe(2);
  });

  it("gives the next provider that no limit holds, and only limits of those who serve the profile", () => {
    const [profile] = snapshot.profiles;
    expect(profile?.provider_pool).toMatchObject({
      ...{
        order: "main spare",
        name: "spare",
        key: "bob/codex/m",
        selection_reason: "fallback",
        pools_exhausted: "no",
      },
    });
    expect(profile?.codex_rotation).toMatchObject({
      ...{ candidate_labels: ["ann", "bob"], ready_candidates: ["bob"], switch_decision: "ready-candidate" },
    });
    expect(profile?.provider_cooldowns.map((one) => one.provider_key)).toEqual(["ann/codex/*/weekly"]);
  });

  it("lists 20 writes that wait and 5 of the others, with what they change", () => {
    const outbox = snapshot.profiles[0]?.github_outbox;
    expect([outbox?.pending.length, outbox?.sent_recent.length, outbox?.failed_recent.length]).toEqual([20, 5, 5]);
    expect(outbox?.pending[0]).toMatchObject({ type: "labels", number: 12, kind: "issue", add_count: 2 });
    expect(outbox?.sent_recent[0]).toMatchObject({ type: "approval", kind: "pr", repo_slug: "ann/web" });
    expect(outbox?.counts).toMatchObject({
      pending: 25,
      sent: 3,
      failed: 6,
      pending_comments: 3,
      pending_approvals: 1,
    });
  });

  it("shows a profile that cannot be read as an alert beside the others", () => {
    const { profiles, alerts } = snapshotOf({ profileId: "bad", error: "no such thing" }, web);
    expect(profiles.map(({ id, error }) => [id, error])).toEqual([
      ["bad", "no such thing"],
      ["web", null],
    ]);
    expect(alerts).toContainEqual(expect.objectContaining({ kind: "broken-profile", message: "no such thing" }));
  });

  it("says of a runtime that is gone that its controllers are stale", () => {
    const [profile] = snapshotOf({ ...web, running: false, pid: null }).profiles;
    expect(profile?.resident_controllers[0]).toMatchObject({ controller_live: false, controller_stale: true });
  });
});
