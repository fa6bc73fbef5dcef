import type { Instant } from "@agent-control-plane/core";

/**
 * Pure. The end of a limit as a CLI says it in words: "try again at 11:10 PM" (local time, today or tomorrow) or
 * "try again in 2 days 3 hours 5 minutes". Null when the text does not say.
 */
export function retryAtFromText(text: string, now: Instant): Instant | null {
  const relative = /try again in ([\d\sa-z,]+)/i.exec(text)?.[1];
  if (relative) {
    const ms = [...relative.matchAll(/(\d+)\s*(day|hour|minute|second)/gi)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit?.toLowerCase() ?? ""] ?? 0),
      0,
    );
    return ms > 0 ? now + ms : null;
  }
  const clock = /try again at (\d{1,2}):(\d{2})\s*([AP])M/i.exec(text);
  if (!clock) return null;
  const hour = (Number(clock[1]) % 12) + (clock[3]?.toUpperCase() === "P" ? 12 : 0);
  const at = new Date(now);
  at.setHours(hour, Number(clock[2]), 0, 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}

const unitMs: { readonly [unit: string]: number } = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
};
