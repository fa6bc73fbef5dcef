import * as z from "zod";
import { lanes } from "../domain/lane.ts";
import * as risk from "./risk-defaults.ts";
import {
  count,
  derivedCount,
  label,
  labelText,
  seconds,
  secondsOrNone,
  section,
  text,
  wholeNumber,
} from "./schema-fields.ts";
import { followUpKeys } from "./schema-follow-ups.ts";

/**
 * The keys that say which work is taken up, when, and how much at once. Part of the one table of keys in schema.ts,
 * in a file of its own because policy.ts reads exactly these.
 */
const permissions = z.array(z.enum(["admin", "maintain", "write", "triage", "read"])).min(1);
const trusted = permissions.default(["admin", "maintain", "write"]);
const words = (initial: readonly string[]) => z.array(text.max(100)).default([...initial]);
const globs = (initial: readonly string[]) => z.array(text.max(300)).default([...initial]);

export const timeZoneKey = text
  .refine(isTimeZone, 'a time zone by its IANA name, such as "Europe/Stockholm"')
  .default("UTC");

export const queueSection = section({
  issue_labels: section({
    ready: label("agent-ready"),
    running: label("agent-running"),
    blocked: label("agent-blocked"),
    hold: label("agent-hold"),
    keep_open: label("agent-keep-open"),
    exclusive: label("agent-exclusive"),
    heavy: label("agent-e2e-heavy"),
    scheduled: label("agent-scheduled"),
  }),
  pr_labels: section({
    handoff: label("agent-handoff"),
    manual_fix_override: label("agent-manual-fix-override"),
    human_approved: label("agent-human-approved"),
    automerge: label("agent-automerge"),
    repair_queued: label("agent-repair-queued"),
    ci_refresh: label("agent-ci-refresh"),
    ci_bypassed: label("agent-ci-bypassed"),
    double_check_1: label("agent-double-check-1/2"),
    double_check_2: label("agent-double-check-2/2"),
    human_review: label("agent-human-review"),
  }),
  priority_labels: z
    .record(labelText, z.number().int().min(-1_000_000).max(1_000_000))
    .default({ "agent-priority-high": 100, "agent-priority-low": -100 }),
  trusted_permissions: trusted,
  comment_permissions: trusted,
  on_drift: z.enum(["continue", "restart", "ask"]).default("restart"),
  ...followUpKeys,
});

export const limitsSection = section({
  max_concurrent_workers: wholeNumber(2, 1000),
  max_concurrent_pr_workers: derivedCount(1000),
  max_concurrent_heavy_workers: count(1, 1000),
  max_recurring_issue_workers: derivedCount(1000),
  max_concurrent_scheduled_issue_workers: derivedCount(1000),
  max_concurrent_scheduled_heavy_workers: count(1, 1000),
  max_concurrent_blocked_recovery_issue_workers: count(1, 1000),
  max_open_agent_prs: wholeNumber(12, 10_000),
  max_launches_per_heartbeat: wholeNumber(6, 1000),
});

export const lanesSection = section({
  enabled: z.array(z.enum(lanes)).nullable().default(null),
  recurring: section({ rest_seconds: secondsOrNone(3600) }),
  blocked_recovery: section({ cooldown_seconds: seconds(900), max_rounds: count(2, 100) }),
});

export const heavySection = section({
  labels: z.array(labelText).default(["e2e", "playwright", "detox", "maestro"]),
  title_words: words(["e2e", "end-to-end", "playwright", "detox", "maestro"]),
  body_words: words(risk.heavyBodyWords),
});

export const pullRequestsSection = section({
  risk: section({
    system_breaking: globs(risk.systemBreaking),
    critical_infra: globs(risk.criticalInfra),
    critical_app: globs(risk.criticalApp),
    docs_only: globs(risk.docsOnly),
    generated: globs(risk.generated),
    tests: globs(risk.tests),
    max_files: wholeNumber(14, 100_000),
    max_lines: wholeNumber(1000, 10_000_000),
  }),
  critical_reviews: z.literal([1, 2]).default(2),
  may_lack_checks: z.boolean().default(true),
  infra_failures: z.array(text.max(300)).default([...risk.infraFailures]),
  max_fix_rounds: count(4, 100),
  max_ci_refreshes: count(2, 100),
  max_ci_repairs: count(2, 100),
  base_broken: z.enum(["hold", "issue", "ready"]).default("issue"),
});

/** Fixed offsets such as "+02:00" are no place: they do not know when clocks change. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
