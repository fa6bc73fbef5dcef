import type { Instant } from "@agent-control-plane/core";
import type { BrokenProfile, HostDocument, ProfileDocument } from "../documents/index.ts";
import type { Documents } from "../live/document.ts";
import { alertsOfHost, alertsOfProfile, brokenProfileAlert } from "./alerts.ts";
import { countsOf } from "./counts.ts";
import type { SnapshotFacts } from "./facts.ts";
import { githubOutboxOf } from "./outbox.ts";
import { codexRotationOf, cooldownsOf, limitsOf, providerPoolOf } from "./provider-pool.ts";
import { controllersOf, workersOf } from "./residents.ts";
import { recentHistoryOf, runsOf } from "./runs.ts";
import { issueQueueOf, retriesOf, scheduledOf } from "./waiting.ts";
import { isoOf, orEmpty } from "./words.ts";

/**
 * Pure. Everything in one document with the field names of the reference's dashboard, for what reads that one. Each of its
 * fields is there and of its type; what has no counterpart here is empty. Field by field in docs/dashboard.md.
 */
export function buildSnapshot(documents: Documents, facts: SnapshotFacts, now: Instant) {
  const host = documents.get("host") as unknown as HostDocument;
  const shown = [...documents].filter(([key]) => key.startsWith("profile:"));
  const profiles = shown.map(([, document]) =>
    profileOf(document as unknown as ProfileDocument | BrokenProfile, host, facts, now),
  );
  const alerts = [...alertsOfHost(host, facts.storeFile), ...profiles.flatMap((profile) => profile.alerts)];
  return {
    ...{ generated_at: isoOf(now), flow_skill_dir: facts.programDir, profile_registry_root: facts.profilesDir },
    ...{ profile_count: profiles.length, alert_count: alerts.length, alerts, profiles },
    version: host.version,
  };
}

/** As nothing has run yet. */
const nothing = {
  ...{ running: false, pid: null, state: "stopped", problems: 0, problemTexts: [], repository: null, pauses: [] },
  ...{ rules: null, lastTick: null, live: [], recent: [], decisions: [], next: [], tasks: {}, titles: {} },
  ...{ room: { running: 0, most: null }, lanes: [], pulls: [], needsPerson: [], publishedToday: {}, wakeUps: [] },
  ...{
    residents: [],
    schedule: [],
    alerts: [],
    retries: [],
    awaiting: [],
    writes: { pending: [], failed: [], sent: [] },
  },
  spend: { today: { tokens: 0, usd: 0 }, limit: { usd: null, tokens: null } },
  outbox: { pending: 0, failed: 0, heldBack: 0, waits: null },
} satisfies Omit<ProfileDocument, "profileId">;

function profileOf(read: ProfileDocument | BrokenProfile, host: HostDocument, facts: SnapshotFacts, now: Instant) {
  const { profileId } = read;
  const own = facts.profiles.get(profileId);
  const { storeFile } = facts;
  const profile: ProfileDocument = "error" in read ? { profileId, ...nothing } : read;
  const limits = limitsOf(own, host.providers);
  const alerts =
    "error" in read
      ? [brokenProfileAlert(profileId, read.error, `${facts.profilesDir}/${profileId}/control-plane.yaml`)]
      : alertsOfProfile(profile, storeFile);
  const lists = {
    runs: runsOf(profile, own, alerts),
    recent_history: recentHistoryOf(profile, own),
    alerts,
    resident_controllers: controllersOf(profile, own, storeFile),
    resident_workers: workersOf(profile, own, storeFile),
    provider_cooldowns: cooldownsOf(limits, storeFile),
    scheduled_issues: scheduledOf(profile, storeFile),
    ...retriesOf(profile, now, storeFile),
    issue_queue: issueQueueOf(profile, storeFile),
    github_outbox: githubOutboxOf(profile, own),
  };
  return {
    ...{ id: profileId, repo_slug: profile.repository?.slug ?? "", repo_root: orEmpty(own?.repoRoot) },
    ...{ runs_root: orEmpty(own?.runsRoot), state_root: orEmpty(own?.stateRoot) },
    // Sessions have names of ours, whatever they work on.
    ...{ history_root: orEmpty(own?.historyRoot), issue_prefix: "", pr_prefix: "" },
    coding_worker: orEmpty(own?.codingWorker),
    provider_pool: providerPoolOf(own, limits),
    codex_rotation: codexRotationOf(own, limits, storeFile),
    counts: countsOf(lists),
    ...lists,
    // Ours besides.
    running: profile.running,
    error: "error" in read ? read.error : null,
  };
}

export type Snapshot = ReturnType<typeof buildSnapshot>;
