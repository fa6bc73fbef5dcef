import type { SnapshotAlert } from "./alerts.ts";
import type { githubOutboxOf } from "./outbox.ts";
import type { cooldownsOf } from "./provider-pool.ts";
import type { controllersOf } from "./residents.ts";
import type { SnapshotHistory, SnapshotRun } from "./runs.ts";
import type { issueQueueOf } from "./waiting.ts";

interface Lists {
  readonly runs: readonly SnapshotRun[];
  readonly recent_history: readonly SnapshotHistory[];
  readonly alerts: readonly SnapshotAlert[];
  readonly resident_controllers: ReturnType<typeof controllersOf>;
  readonly resident_workers: readonly object[];
  readonly provider_cooldowns: ReturnType<typeof cooldownsOf>;
  readonly scheduled_issues: readonly object[];
  readonly issue_retries: readonly object[];
  readonly pr_retries: readonly object[];
  readonly issue_queue: ReturnType<typeof issueQueueOf>;
  readonly github_outbox: ReturnType<typeof githubOutboxOf>;
}

/** Pure. How many of each there are. What is over leaves `runs` at once here, so results are counted with the history. */
export function countsOf(lists: Lists) {
  const all = [...lists.runs, ...lists.recent_history];
  const withStatus = (status: string) => all.filter((run) => run.status === status).length;
  const withResult = (kind: string) => all.filter((run) => run.result_kind === kind).length;
  const live = lists.resident_controllers.filter((controller) => controller.controller_live).length;
  const { counts } = lists.github_outbox;
  return {
    ...{ active_runs: lists.runs.length, running_runs: withStatus("RUNNING") },
    ...{ failed_runs: withStatus("FAILED"), succeeded_runs: withStatus("SUCCEEDED") },
    ...{ implemented_runs: withResult("implemented"), reported_runs: withResult("reported") },
    ...{ blocked_runs: withResult("blocked"), completed_runs: withResult("completed") },
    recent_history_runs: lists.recent_history.length,
    ...{ resident_controllers: lists.resident_controllers.length, live_resident_controllers: live },
    stale_resident_controllers: lists.resident_controllers.length - live,
    resident_workers: lists.resident_workers.length,
    queued_issues: lists.issue_queue.pending.length,
    claimed_issues: lists.issue_queue.claims.length,
    provider_cooldowns: lists.provider_cooldowns.filter(({ active }) => active).length,
    active_retries: lists.issue_retries.length + lists.pr_retries.length,
    ...{ scheduled_issues: lists.scheduled_issues.length, alerts: lists.alerts.length },
    ...{ pending_github_writes: counts.pending, failed_github_writes: counts.failed },
  };
}
