/** What becomes of one key of a profile of the reference system. */
export type Fate =
  | { readonly to: readonly string[]; readonly read: (value: string) => unknown; readonly note?: string }
  | { readonly why: string };

const asText = (value: string): unknown => value;
const asNumber = (value: string): unknown => (Number.isFinite(Number(value)) ? Number(value) : value);
const asNumbers = (value: string): unknown => value.split(",").map((part) => asNumber(part.trim()));

const unread = "the reference read this from its environment alone, so the value was not in force before";
const kept = (path: string, read = asText, note?: string): Fate => ({
  ...{ to: path.split("."), read },
  ...(note === undefined ? {} : { note }),
});
const left = (why: string): Fate => ({ why });

const ownFolders = left("this runtime makes folders of its own; those of the reference stay where they are");
const sessionNames = left(
  "names of sessions and branches are made of the profile's id: agent/<id>/issue-<n>-<session>",
);
const fixedLabels = left(
  "the reference never read it: its labels were fixed; here they have the same names, and queue.* changes them",
);
const scripts = left("there are no scripts to bind");

/**
 * By key, `*` for any one name and a last `**` for all below. The first that fits counts. Every key of the reference's schema stands
 * here; one that does not is told as unknown.
 */
export const referenceKeys: readonly (readonly [string, Fate])[] = [
  ["schema_version", left("the file has one of its own")],
  ["id", kept("id")],
  ["repo.slug", kept("repo.slug")],
  ["repo.root", kept("repo.root")],
  ["repo.default_branch", kept("repo.default_branch")],
  ["repo.id", left("the repository is asked for by its name")],
  ["runtime.**", ownFolders],
  ["session_naming.**", sessionNames],
  ["queue.source", left("forge.provider says where issues live")],
  ["queue.issue_labels.**", fixedLabels],
  ["queue.pr_labels.**", fixedLabels],
  ...limitKeys(),
  ["execution.coding_worker", kept("execution.coding_worker")],
  ["execution.retry.cooldowns", kept("execution.retry.cooldowns", asNumbers)],
  ["execution.provider_quota.cooldowns", left("a provider's limit ends when the provider says, see acp quota list")],
  ["execution.safe_profile", left("codex gets its settings from execution.codex, not from a profile of codex's own")],
  ["execution.bypass_profile", left("codex gets its settings from execution.codex, not from a profile of codex's own")],
  ["execution.claude.model", kept("execution.claude.model")],
  ["execution.claude.permission_mode", kept("execution.claude.permission_mode")],
  ["execution.claude.effort", kept("execution.claude.effort")],
  ["execution.claude.max_attempts", kept("execution.retry.max_attempts", asNumber, "it counts for every worker here")],
  ["execution.claude.retry_backoff_seconds", left("execution.retry.cooldowns says when a failed try is repeated")],
  ["execution.ollama.base_url", kept("execution.ollama.base_url")],
  ["execution.pi.thinking", kept("execution.pi.thinking")],
  ["execution.openclaw.thinking", kept("execution.openclaw.thinking")],
  ["execution.*.model", { to: ["execution", "*", "model"], read: asText }],
  ["execution.*.timeout_seconds", left("execution.limits.timeout_seconds counts for every worker: set it there")],
  ["execution.*.stall_seconds", left("execution.limits.stall_seconds counts for every worker: set it there")],
  ["execution.provider_pool_order", left("the order of execution.pools says it")],
  ["execution.provider_pools.**", left("see execution.pools")],
  ["execution.resident_workers.**", left("worktrees are pooled, see runtime.worktree_pool_size")],
  ["execution.review_requires_independent_final_review", left("see pull_requests.critical_reviews and reviews")],
  ["execution.verification.**", left("verification.commands says what is run before anything is published")],
  ["execution.infra_ci_bypass.**", left("see pull_requests.infra_failures; nothing bypasses a check unasked")],
  ["execution.codex_quota_rotation.**", left("accounts are entries of execution.pools, tried in their order")],
  ["execution.codex_session_recovery.**", left("see execution.resume")],
  ["shared_runtime.**", scripts],
  ["adapter_scripts.**", scripts],
  ["scripts.**", scripts],
  ["scheduler.**", left("the reference never read it; see scheduler in the new file")],
  ["policies.**", left("the reference never read it; say it in the prompt templates, or in pull_requests.risk")],
];

function limitKeys(): readonly (readonly [string, Fate])[] {
  const same = [
    "max_concurrent_workers",
    "max_concurrent_pr_workers",
    "max_concurrent_heavy_workers",
    "max_recurring_issue_workers",
    "max_concurrent_scheduled_issue_workers",
    "max_concurrent_scheduled_heavy_workers",
    "max_concurrent_blocked_recovery_issue_workers",
    "max_launches_per_heartbeat",
  ];
  return [
    ...same.map((key) => [`limits.${key}`, kept(`limits.${key}`, asNumber, unread)] as const),
    ["limits.blocked_recovery_cooldown_seconds", kept("lanes.blocked_recovery.cooldown_seconds", asNumber, unread)],
    [
      "limits.max_open_agent_prs_for_recurring",
      kept("limits.max_open_agent_prs", asNumber, `it counts for all work here; ${unread}`),
    ],
  ];
}

/** Null: the reference knew no such key, either. */
export function fateOf(path: readonly string[]): Fate | null {
  const found = referenceKeys.find(([pattern]) => fits(pattern.split("."), path))?.[1] ?? null;
  if (found === null || !("to" in found)) return found;
  return { ...found, to: found.to.map((part, at) => (part === "*" ? (path[at] ?? part) : part)) };
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  if (pattern.at(-1) === "**") return pattern.slice(0, -1).every((part, at) => part === path[at]);
  return pattern.length === path.length && pattern.every((part, at) => part === "*" || part === path[at]);
}
