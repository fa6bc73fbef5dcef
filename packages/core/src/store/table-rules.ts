/**
 * Every table of the store with what bounds it; docs/retention.md says the same, and a test compares both with the tables
 * there are. A table without a rule grows for ever.
 */
export interface TableRule {
  readonly table: string;
  /** For people: what is in it, and until when. */
  readonly rule: string;
  /** Which instant of a row says how old it is; null: its rows have none. */
  readonly oldest: string | null;
  /**
   * Which rows go, beside those that other acts remove: a condition on `t`, with the horizons of `RestBounds` as
   * parameters. Never of anything that is under way.
   */
  readonly goes?: string;
  /** Its rows have no number of their own, so that all that go do so at once; there are few. */
  readonly isSmall?: boolean;
}

const ofTasks = "leaves with its task";
const ofFlows = "leaves with its flow";
const ofNoProfile =
  "@profiles is not null and not exists (select 1 from json_each(@profiles) p where p.value = t.profile_id)";
const ofNoSession = "not exists (select 1 from sessions s where s.profile_id = t.profile_id and s.subject = t.subject)";

export const tableRules: readonly TableRule[] = [
  { table: "migrations", rule: "one row for each version of the store", oldest: "applied_at" },
  {
    table: "tasks",
    rule: "ended tasks of closed items, `retention.ended_days` after their end; open items, waiting or failed writes, open sessions, worktrees on disk and dead letters of programs keep them",
    oldest: "created_at",
  },
  { table: "leases", rule: "of running tasks; ends with the claim", oldest: "claimed_at" },
  { table: "held_slots", rule: "of running tasks; go with the lease", oldest: null },
  { table: "sessions", rule: `${ofTasks}; what it had spent stays in spend_totals`, oldest: "intended_at" },
  { table: "attempts", rule: ofTasks, oldest: "started_at" },
  { table: "spend", rule: "leaves with its session", oldest: "quarter_at" },
  {
    table: "worktrees",
    rule: `${ofTasks}; one that was planned in vain after \`retention.ended_days\``,
    oldest: "updated_at",
    goes: "t.state = 'gone' and t.updated_at < @before and not exists (select 1 from sessions s where s.id = t.session_id)",
  },
  {
    table: "events",
    rule: "of a task: leaves with it; changes of decisions after `retention.decision_days`, but for the newest of each item; all others after `retention.ended_days`",
    oldest: "at",
  },
  {
    table: "outbox",
    rule: `${ofTasks}; without one: \`retention.ended_days\` after it was sent or dropped, once its item is closed; what waits or failed stays`,
    oldest: "created_at",
    goes: `t.task_id is null and t.state in ('sent', 'dropped') and t.created_at < @before
      and not exists (select 1 from readings r where t.stream = r.profile_id || '/' || r.subject)
      and not exists (select 1 from broken_bases b where b.issue_key = t.idempotency_key and b.closed_at is null)
      and not exists (select 1 from outbox needing where needing.needs_id = t.id)`,
  },
  {
    table: "cooldowns",
    rule: "`retention.ended_days` after their end",
    oldest: "until_at",
    goes: "t.until_at < @before",
  },
  {
    table: "quotas",
    rule: "until a session shows that the limit is over, or 30 days after its end",
    oldest: "seen_at",
    goes: "t.reset_at < @before",
  },
  {
    table: "forge_cache",
    rule: "`retention.forge_cache_days` after the answer was last fetched",
    oldest: "fetched_at",
    goes: "t.fetched_at < @forgeCache",
  },
  {
    table: "readings",
    rule: "one row for each open item; goes when it is closed and all was drawn from it; of a removed profile after `retention.ended_days`",
    oldest: "read_at",
    goes: `${ofNoProfile} and t.read_at < @before`,
  },
  {
    table: "permissions",
    rule: "`retention.ended_days` after it was asked for",
    oldest: "checked_at",
    goes: "t.checked_at < @before",
  },
  {
    table: "baselines",
    rule: "`retention.ended_days` after the commit was checked",
    oldest: "checked_at",
    goes: "t.checked_at < @before",
  },
  {
    table: "decisions",
    rule: "one row for each open item and lane, replaced by each tick; of a removed profile after `retention.ended_days`",
    oldest: "decided_at",
    goes: `${ofNoProfile} and t.decided_at < @before`,
  },
  {
    table: "pauses",
    rule: "until a person resumes; of a removed profile after `retention.ended_days`",
    oldest: "at",
    goes: `@profiles is not null and t.scope <> '*' and t.at < @before
      and not exists (select 1 from json_each(@profiles) p where p.value = t.scope)`,
  },
  {
    table: "runtimes",
    rule: "one row for each daemon; goes when it ends, or when another one sees that it is dead; of another host after `retention.ended_days` without a sign",
    oldest: "heartbeat_at",
    goes: "t.heartbeat_at < @before",
  },
  { table: "log_horizon", rule: "one row", oldest: null },
  {
    table: "content_writes",
    rule: "of the last hour",
    oldest: "at",
    goes: "t.at < @before",
  },
  {
    table: "write_turns",
    rule: "one row for each credential in use",
    oldest: null,
    goes: "t.held_until < @before and not exists (select 1 from paced_profiles p where p.scope = t.scope)",
    isSmall: true,
  },
  {
    table: "paced_profiles",
    rule: "one row for each profile",
    oldest: null,
    goes: ofNoProfile,
    isSmall: true,
  },
  {
    table: "budget_raises",
    rule: "as long as something of what was spent on the item is known, and `retention.ended_days`",
    oldest: "at",
    goes: `t.at < @before and ${ofNoSession}
      and not exists (select 1 from spend_totals s where s.profile_id = t.profile_id and s.subject = t.subject)`,
  },
  {
    table: "budget_receipts",
    rule: "as long as there are sessions of the item, and `retention.ended_days`",
    oldest: "at",
    goes: `t.at < @before and ${ofNoSession}`,
    isSmall: true,
  },
  {
    table: "broken_bases",
    rule: "`retention.ended_days` after the base was well again; the newest of each branch stays",
    oldest: "opened_at",
    goes: `t.closed_at < @before and t.episode < (select max(newest.episode) from broken_bases newest
      where newest.profile_id = t.profile_id and newest.branch = t.branch)`,
  },
  {
    table: "samples",
    rule: "one row for each profile and five minutes, of 30 days",
    oldest: "at",
    goes: "t.at < @samples",
  },
  {
    table: "spend_totals",
    rule: "one row for each item whose sessions left, for `retention.totals_days` and as long as it is open; then it is added to the row of its profile",
    oldest: "last_at",
  },
  {
    table: "flows",
    rule: "a flow goes as a whole `retention.flows.days` days after its end, and the oldest of more than `retention.flows.count`, with its tasks of the queue, sessions and events; not within a day",
    oldest: "created_at",
  },
  { table: "flow_tasks", rule: ofFlows, oldest: null },
  { table: "flow_needs", rule: ofFlows, oldest: null },
  { table: "flow_counts", rule: ofFlows, oldest: null },
  { table: "flow_decisions", rule: ofFlows, oldest: "asked_at" },
  { table: "flow_messages", rule: ofFlows, oldest: "at" },
  { table: "flow_commands", rule: ofFlows, oldest: "at" },
  {
    table: "troubles",
    rule: "as long as it stands, and a short while after; `retention.ended_days` after its end, where nobody is told any more",
    oldest: "first_seen_at",
    goes: "t.gone_at < @before",
    isSmall: true,
  },
  { table: "troubles_told", rule: "leaves with its trouble", oldest: null },
  {
    table: "notifications",
    rule: "`retention.ended_days` after the message was made",
    oldest: "created_at",
    goes: "t.created_at < @before",
  },
];
