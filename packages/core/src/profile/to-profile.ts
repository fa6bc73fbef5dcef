import type { Profile } from "./profile.ts";
import type { ProfileFile } from "./schema.ts";

/** From a checked file to what the program uses. `config` has its derived values and broke no rule. */
export function toProfile(file: string, config: ProfileFile): Profile {
  const { repo, forge, runtime, queue, limits, scheduler, execution, verification, publish, prompts } = config;
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
    },
    runtime: {
      agentRoot: filled(runtime.orchestrator_agent_root),
      worktreeRoot: filled(runtime.worktree_root),
      agentRepoRoot: filled(runtime.agent_repo_root),
      runsRoot: filled(runtime.runs_root),
    },
    queue: { labels: queue.issue_labels, trustedPermissions: queue.trusted_permissions },
    limits: {
      maxConcurrentWorkers: limits.max_concurrent_workers,
      maxOpenAgentPrs: limits.max_open_agent_prs,
      maxLaunchesPerHeartbeat: limits.max_launches_per_heartbeat,
    },
    scheduler: {
      intervalMs: ms(scheduler.interval_seconds),
      leaseMs: ms(scheduler.lease_seconds),
      heartbeatMs: ms(scheduler.heartbeat_seconds),
      drainMs: ms(scheduler.drain_seconds),
    },
    execution: {
      codingWorker: execution.coding_worker,
      shell: execution.shell,
      claude: {
        model: execution.claude.model,
        permissionMode: execution.claude.permission_mode,
        effort: execution.claude.effort,
      },
      codex: execution.codex,
      env: execution.env,
      limits: {
        startupMs: ms(execution.limits.startup_seconds),
        stallMs: ms(execution.limits.stall_seconds),
        wallClockMs: ms(execution.limits.timeout_seconds),
        graceMs: ms(execution.limits.grace_seconds),
      },
      retry: { cooldownsMs: execution.retry.cooldowns.map(ms), maxAttempts: execution.retry.max_attempts },
      isolation: execution.isolation,
    },
    verification: { commands: verification.commands, timeoutMs: ms(verification.timeout_seconds) },
    publish: { commitAuthor: publish.commit_author, draft: publish.draft, labels: publish.labels },
    prompts,
  });
}

/** At least a millisecond: a duration that was above zero stays above zero. */
const ms = (seconds: number) => (seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000)));

function filled(path: string | null): string {
  if (path === null) throw new Error("A profile's folders must be derived before it is used.");
  return path;
}

function frozen<T extends object>(value: T): T {
  for (const child of Object.values(value)) if (typeof child === "object" && child !== null) frozen(child);
  return Object.freeze(value);
}
