import { type Cooldown, type Instant, limitedText, type Quota } from "@agent-control-plane/core";
import type { ProfileDocument, WakeUp } from "@agent-control-plane/dashboard";
import { waitsForForge } from "./alerts.ts";

const most = 20;

/** Pure. What will happen by itself, the soonest first; what is due already waits for something else. */
export function wakeUpsOf(
  profile: Pick<ProfileDocument, "retries" | "schedule" | "decisions" | "outbox" | "lastTick" | "writes">,
  shared: { readonly cooldowns: readonly Cooldown[]; readonly quotas: readonly Quota[]; readonly dayEndsAt: Instant },
  now: Instant,
): readonly WakeUp[] {
  return [
    ...profile.retries.map(
      ({ runAt, subject, attempts, maxAttempts, reason }): WakeUp => ({
        ...{ at: runAt, what: "retry", subject },
        text: `try ${attempts + 1} of ${maxAttempts}${reason === null ? "" : ` after ${reason}`}`,
      }),
    ),
    ...profile.schedule.map(
      ({ dueAt, subject, line }): WakeUp => ({ at: dueAt, what: "schedule", subject, text: line }),
    ),
    ...ofProfile(profile, shared),
  ]
    .filter(({ at }) => at > now)
    .sort((a, b) => a.at - b.at)
    .slice(0, most);
}

/** Of limits that hold something of this profile back. */
function ofProfile(
  { decisions, outbox, lastTick, writes }: Parameters<typeof wakeUpsOf>[0],
  { cooldowns, quotas, dayEndsAt }: Parameters<typeof wakeUpsOf>[1],
): readonly WakeUp[] {
  const reasons = new Set(decisions.map(({ reason }) => reason));
  const found: WakeUp[] = [];
  const add = (at: Instant, what: WakeUp["what"], text: string) => found.push({ at, what, subject: null, text });
  if (waitsForForge(lastTick)) {
    for (const { scope, until, reason } of cooldowns) if (scope.startsWith("forge:")) add(until, "cooldown", reason);
  }
  if (reasons.has("provider-cooldown") || reasons.has("provider-probing")) {
    for (const quota of quotas) add(quota.resetAt, "limit", `limit of ${limitedText(quota)}`);
  }
  if (reasons.has("day-budget-spent")) add(dayEndsAt, "day", "the day ends, and with it what was spent in it");
  if (outbox.waits) add(outbox.waits.until, "outbox", `writes go on (${outbox.waits.why})`);
  const next = writes.pending.flatMap(({ nextAt, tries }) => (nextAt !== null && tries > 0 ? [nextAt] : []));
  if (next.length > 0) add(Math.min(...next), "outbox", "a write is tried again");
  return found;
}
