import type { BackendSection } from "./backend-section.ts";
import { notificationRulesOf } from "./notification-rules.ts";
import type { Profile } from "./profile.ts";
import { providerRulesOf } from "./provider-rules.ts";
import { type ProfileFile, settingsIn } from "./schema.ts";

/** From a checked file to what the program uses. `config` has its derived values and broke no rule. */
export function toProfile(file: string, config: ProfileFile, backends: readonly BackendSection[]): Profile {
  const { repo, forge, runtime, limits, scheduler, execution, verification, publish, prompts } = config;
  const [owner = "", name = ""] = repo.slug.split("/");
  return frozen({
    id: config.id,
    file,
    repo: { slug: repo.slug, owner, name, root: repo.root, defaultBranch: repo.default_branch },
    forge: {
      provider: forge.provider,
      apiUrl: forge.api_url,
      gitUrl: forge.git_url,
      requestTimeoutMs: ms(forge.request_timeout_seconds),
      pace: { perMinute: forge.writes_per_minute ?? 0, perHour: forge.writes_per_hour ?? 0 },
    },
    runtime: {
      agentRoot: filled(runtime.orchestrator_agent_root),
      worktreeRoot: filled(runtime.worktree_root),
      agentRepoRoot: filled(runtime.agent_repo_root),
      runsRoot: filled(runtime.runs_root),
      worktreePoolSize: runtime.worktree_pool_size,
    },
    timeZone: config.time_zone,
    queue: queueOf(config),
    limits: {
      maxConcurrentWorkers: limits.max_concurrent_workers,
      maxOpenAgentPrs: limits.max_open_agent_prs,
      maxLaunchesPerHeartbeat: limits.max_launches_per_heartbeat,
      lanes: laneLimitsOf(limits),
    },
    lanes: config.lanes.enabled ?? [],
    recurring: { restMs: ms(config.lanes.recurring.rest_seconds) },
    blockedRecovery: {
      cooldownMs: ms(config.lanes.blocked_recovery.cooldown_seconds),
      maxRounds: config.lanes.blocked_recovery.max_rounds,
    },
    heavy: {
      labels: config.heavy.labels,
      titleWords: config.heavy.title_words,
      bodyWords: config.heavy.body_words,
    },
    pullRequests: pullRequestsOf(config),
    merge: mergeOf(config),
    reviews: reviewsOf(config),
    scheduler: {
      intervalMs: ms(scheduler.interval_seconds),
      leaseMs: ms(scheduler.lease_seconds),
      heartbeatMs: ms(scheduler.heartbeat_seconds),
      drainMs: ms(scheduler.drain_seconds),
    },
    execution: {
      codingWorker: execution.coding_worker,
      backends: Object.fromEntries(backends.map(({ name }) => [name, settingsIn(config, name)])),
      providers: providerRulesOf(config),
      accounts: Object.fromEntries(execution.pools.map(({ name, env }) => [name, env])),
      env: execution.env,
      limits: {
        startupMs: ms(execution.limits.startup_seconds),
        stallMs: ms(execution.limits.stall_seconds),
        toolMs: ms(execution.limits.tool_seconds),
        wallClockMs: ms(execution.limits.timeout_seconds),
        graceMs: ms(execution.limits.grace_seconds),
      },
      retry: { cooldownsMs: execution.retry.cooldowns.map(ms), maxAttempts: execution.retry.max_attempts },
      isolation: execution.isolation,
      resume: {
        enabled: execution.resume.enabled,
        nativeTries: execution.resume.native_tries,
        maxAgeMs: ms(execution.resume.max_age_seconds),
      },
      prices: Object.entries(execution.prices).map(([model, { input, cached_input, output }]) => ({
        model,
        price: { input, cachedInput: cached_input ?? input, output },
      })),
    },
    budgets: budgetsOf(config),
    guards: guardsOf(config),
    verification: {
      setup: verification.setup,
      targeted: verification.targeted,
      commands: verification.commands,
      timeoutMs: ms(verification.timeout_seconds),
    },
    publish: { commitAuthor: publish.commit_author, draft: publish.draft, labels: publish.labels },
    notifications: notificationRulesOf(config.notifications, config.time_zone),
    prompts,
  });
}

function queueOf({ queue }: ProfileFile): Profile["queue"] {
  const { keep_open, ...issue } = queue.issue_labels;
  const pr = queue.pr_labels;
  return {
    labels: {
      ...issue,
      keepOpen: keep_open,
      handoff: pr.handoff,
      manualFixOverride: pr.manual_fix_override,
      humanApproved: pr.human_approved,
      automerge: pr.automerge,
      repairQueued: pr.repair_queued,
      ciRefresh: pr.ci_refresh,
      ciBypassed: pr.ci_bypassed,
      doubleCheck1: pr.double_check_1,
      doubleCheck2: pr.double_check_2,
      humanReview: pr.human_review,
    },
    priorities: queue.priority_labels,
    trustedPermissions: queue.trusted_permissions,
    commentPermissions: queue.comment_permissions,
    onDrift: queue.on_drift,
    followUps: queue.follow_ups,
    followUpLabels: queue.follow_up_labels,
  };
}

function laneLimitsOf(limits: ProfileFile["limits"]): Profile["limits"]["lanes"] {
  return {
    pullRequestWorkers: filled(limits.max_concurrent_pr_workers),
    heavyWorkers: limits.max_concurrent_heavy_workers,
    recurringWorkers: filled(limits.max_recurring_issue_workers),
    scheduledWorkers: filled(limits.max_concurrent_scheduled_issue_workers),
    scheduledHeavyWorkers: limits.max_concurrent_scheduled_heavy_workers,
    blockedRecoveryWorkers: limits.max_concurrent_blocked_recovery_issue_workers,
  };
}

function pullRequestsOf({ pull_requests: rules }: ProfileFile): Profile["pullRequests"] {
  const { risk } = rules;
  return {
    risk: {
      systemBreaking: risk.system_breaking,
      criticalInfra: risk.critical_infra,
      criticalApp: risk.critical_app,
      docsOnly: risk.docs_only,
      generated: risk.generated,
      tests: risk.tests,
      maxFiles: risk.max_files,
      maxLines: risk.max_lines,
    },
    criticalReviews: rules.critical_reviews,
    mayLackChecks: rules.may_lack_checks,
    infraFailures: rules.infra_failures,
    maxFixRounds: rules.max_fix_rounds,
    maxCiRefreshes: rules.max_ci_refreshes,
    maxCiRepairs: rules.max_ci_repairs,
    baseBroken: rules.base_broken,
  };
}

function budgetsOf({ budgets }: ProfileFile): Profile["budgets"] {
  // 0: no limit.
  const limit = (scope: "turn" | "run" | "item" | "day" | "breaker") => ({
    usd: budgets[`${scope}_usd`] || null,
    tokens: budgets[`${scope}_tokens`] || null,
  });
  return {
    turn: limit("turn"),
    run: limit("run"),
    item: limit("item"),
    day: limit("day"),
    breaker: { ...limit("breaker"), sessions: budgets.breaker_sessions || null },
  };
}

function guardsOf({ guards, pull_requests: { risk } }: ProfileFile): Profile["guards"] {
  return {
    scope: { maxFiles: guards.scope.max_files || null, maxLines: guards.scope.max_lines || null },
    protectedPaths: guards.protected_paths,
    allowedPaths: guards.allowed_paths,
    weakenedTests: guards.weakened_tests,
    secretsAllowedIn: guards.secrets_allowed_in,
    tests: risk.tests,
    docsOnly: risk.docs_only,
    generated: risk.generated,
  };
}

const mergeOf = ({ merge }: ProfileFile): Profile["merge"] => ({
  enabled: merge.enabled,
  method: merge.method,
  deleteBranch: merge.delete_branch,
  useMergeQueue: merge.use_merge_queue,
  requireApproval: merge.require_approval,
  closeLinkedIssues: merge.close_linked_issues,
});
function reviewsOf({ reviews: rules }: ProfileFile): Profile["reviews"] {
  return {
    post: rules.post,
    status: rules.status,
    second: { backend: rules.second.coding_worker, model: rules.second.model },
    people: rules.people,
    maxStuckRounds: rules.max_rounds_without_progress,
  };
}

/** At least a millisecond: a duration that was above zero stays above zero. */
const ms = (seconds: number) => (seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000)));

function filled<T>(value: T | null): T {
  if (value === null) throw new Error("A profile's derived values must be filled in before it is used.");
  return value;
}

function frozen<T extends object>(value: T): T {
  for (const child of Object.values(value)) if (typeof child === "object" && child !== null) frozen(child);
  return Object.freeze(value);
}
