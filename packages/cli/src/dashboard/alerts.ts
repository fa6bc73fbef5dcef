import { holdText, type Instant, isHoldReason, type Json } from "@agent-control-plane/core";
import type { Alert, ProfileDocument } from "@agent-control-plane/dashboard";
import { counted } from "../counted.ts";
import { oneLine } from "./shown.ts";

type Profile = Pick<
  ProfileDocument,
  "running" | "problems" | "problemTexts" | "rules" | "lastTick" | "decisions" | "outbox" | "spend" | "tasks" | "live"
>;
type Found = Omit<Alert, "at" | "subject">;

/**
 * Pure. What a person should know, worst first. `before`: what was said last, so that the same trouble keeps the time at
 * which it was seen first.
 */
export function alertsOf(profile: Profile, before: readonly Alert[], now: Instant): readonly Alert[] {
  const since = new Map(before.map(({ id, at }) => [id, at]));
  return [...ofRules(profile), ...ofRuntime(profile), ...ofForge(profile), ...ofWork(profile)]
    .map((found) => ({ ...found, subject: null, at: since.get(found.id) ?? now }))
    .sort((a, b) => rank(a) - rank(b));
}

const rank = ({ severity }: Found): number => (severity === "error" ? 0 : 1);

const alert = (kind: string, severity: Found["severity"], title: string, message: string): Found => ({
  ...{ id: kind, kind, severity, title, message: oneLine(message, 500) },
});

function ofRules({ problems, problemTexts, rules }: Profile): readonly Found[] {
  if (problems > 0) {
    const title = `its file has ${counted(problems, "problem")}`;
    return [alert("broken-profile", "error", title, problemTexts[0] ?? "acp profile validate tells which")];
  }
  if (rules === null || rules.state === "in-force") return [];
  return [alert("rules-not-in-force", "warn", "its newest rules are not in force", rules.problems[0] ?? rules.state)];
}

/** That nobody serves it is no trouble as long as there is nothing to do. */
function ofRuntime({ running, tasks, outbox, live }: Profile): readonly Found[] {
  const work = (tasks.queued ?? 0) + (tasks.scheduled ?? 0) + (tasks.running ?? 0);
  if (running || work + outbox.pending + live.length === 0) return [];
  const message = `${counted(work, "task")} and ${counted(outbox.pending, "write")} wait for it: acp runtime start`;
  return [alert("not-running", "warn", "no runtime serves it", message)];
}

function ofForge({ lastTick }: Profile): readonly Found[] {
  const { error, forge, forgeDetail } = (lastTick ?? {}) as { error?: Json; forge?: Json; forgeDetail?: Json };
  if (typeof error === "string") return [alert("tick-failed", "error", "its last tick failed", error)];
  if (typeof forge !== "string" || forge === "seen") return [];
  const title = isHoldReason(forge) ? holdText(forge) : forge;
  const severity = forge === "forge-refused" ? "error" : "warn";
  return [alert(forge, severity, title, typeof forgeDetail === "string" ? forgeDetail : "")];
}

export const waitsForForge = (lastTick: Json): boolean =>
  (lastTick as { readonly forge?: Json } | null)?.forge === "forge-rate-limited";

/** What holds everything back, told once and not with each item. */
const hostTroubles = ["host-memory-low", "host-disk-low", "host-load-high", "baseline-broken"] as const;

function ofWork({ decisions, outbox, spend }: Profile): readonly Found[] {
  const found: Found[] = [];
  for (const reason of hostTroubles) {
    const held = decisions.filter((decision) => decision.reason === reason);
    if (held[0]) found.push(alert(reason, "warn", holdText(reason), held[0].detail));
  }
  const { today, limit } = spend;
  const isSpent =
    (limit.usd !== null && today.usd >= limit.usd) || (limit.tokens !== null && today.tokens >= limit.tokens);
  if (isSpent)
    found.push(alert("day-budget-spent", "warn", holdText("day-budget-spent"), 'or "acp budget raise --day"'));
  if (outbox.failed > 0) {
    const title = `${counted(outbox.failed, "write")} refused for good`;
    found.push(alert("dead-writes", "warn", title, "acp outbox list --state failed"));
  }
  return found;
}
