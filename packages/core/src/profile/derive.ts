import { isAbsolute, join, resolve } from "node:path";
import { lanes } from "../domain/lane.ts";
import type { BackendSection } from "./backend-section.ts";
import type { ProfileFile } from "./schema.ts";
import { githubPace, noPace } from "./schema-pace.ts";

export interface Surroundings {
  /** Absolute path of control-plane.yaml; the prompts section is relative to its folder. */
  readonly file: string;
  readonly runtimeHome: string;
  /** The person's home, for a leading `~/`. */
  readonly home: string;
  readonly backends: readonly BackendSection[];
}

/** Fills in what follows from other values: folders under the agent root, addresses of github.com, lanes' shares. */
export function withDerived(config: ProfileFile, around: Surroundings): ProfileFile {
  const path = (value: string | null) => (value === null ? null : tidyPath(value, around.home));
  const agentRoot = path(config.runtime.orchestrator_agent_root) ?? join(around.runtimeHome, "projects", config.id);
  const onGithub = config.forge.provider === "github";
  const pace = onGithub ? githubPace : noPace;
  const prompt = path(config.prompts.issue);
  return {
    ...config,
    repo: { ...config.repo, root: path(config.repo.root) },
    forge: {
      ...config.forge,
      api_url: config.forge.api_url ?? (onGithub ? "https://api.github.com" : null),
      git_url: config.forge.git_url ?? (onGithub ? "https://github.com" : null),
      writes_per_minute: config.forge.writes_per_minute ?? pace.writes_per_minute,
      writes_per_hour: config.forge.writes_per_hour ?? pace.writes_per_hour,
    },
    runtime: {
      orchestrator_agent_root: agentRoot,
      worktree_root: path(config.runtime.worktree_root) ?? join(agentRoot, "worktrees"),
      agent_repo_root: path(config.runtime.agent_repo_root) ?? join(agentRoot, "anchor.git"),
      runs_root: path(config.runtime.runs_root) ?? join(agentRoot, "runs"),
      worktree_pool_size: config.runtime.worktree_pool_size,
    },
    limits: withLaneLimits(config.limits),
    lanes: { ...config.lanes, enabled: config.lanes.enabled ?? usualLanes(config, around) },
    prompts: { issue: prompt === null ? null : resolve(around.file, "..", prompt) },
  };
}

function usualLanes({ execution }: ProfileFile, { backends }: Surroundings) {
  const worker = execution.pools[0]?.coding_worker ?? execution.coding_worker;
  return [...(backends.find(({ name }) => name === worker)?.usualLanes ?? lanes)];
}

/** What a lane may use when the profile does not say: a share of all workers that leaves room for the other lanes. */
function withLaneLimits(limits: ProfileFile["limits"]): ProfileFile["limits"] {
  const atMost = (most: number) => Math.min(most, limits.max_concurrent_workers);
  return {
    ...limits,
    max_concurrent_pr_workers: limits.max_concurrent_pr_workers ?? atMost(12),
    max_recurring_issue_workers: limits.max_recurring_issue_workers ?? atMost(6),
    max_concurrent_scheduled_issue_workers: limits.max_concurrent_scheduled_issue_workers ?? atMost(2),
  };
}

/** Absolute paths lose `..` and doubled slashes; a relative path stays as it is, for the rules to refuse. */
function tidyPath(value: string, home: string): string {
  const expanded = value === "~" || value.startsWith("~/") ? join(home, value.slice(1)) : value;
  return isAbsolute(expanded) ? resolve(expanded) : expanded;
}
