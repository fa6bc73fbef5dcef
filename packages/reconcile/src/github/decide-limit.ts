import type { Instant, Millis } from "@agent-control-plane/core";

export interface LimitedAnswer {
  readonly status: number;
  /** Lower-case header names. */
  readonly headers: { readonly [name: string]: string };
  readonly text: string;
}

/**
 * When requests may go on after this answer; null when the answer is not about a limit.
 * Retry-After is obeyed first, then x-ratelimit-reset, else a pause that grows with `limitsInARow`.
 */
export function decideLimit(answer: LimitedAnswer, now: Instant, limitsInARow: number): Instant | null {
  if (!isLimit(answer)) return null;
  const retryAfter = afterHeader(answer.headers["retry-after"], now);
  if (retryAfter !== null) return now + clamp(retryAfter, second, day);
  // Without Retry-After the reset counts only when the budget is used up: a secondary limit has nothing to do with it.
  const reset = Number(answer.headers["x-ratelimit-reset"]) * 1000;
  if (answer.headers["x-ratelimit-remaining"] === "0" && reset > now)
    return now + clamp(reset - now, second, 65 * minute);
  return now + Math.min(minute * 2 ** Math.min(limitsInARow, 10), hour);
}

/**
 * Whether a GraphQL query met the end of the budget that only queries are charged to. A secondary limit (it names a
 * Retry-After, or no budget) is about everything that is sent with the token.
 */
export function isBudgetOfQueries({ headers }: LimitedAnswer): boolean {
  return headers["retry-after"] === undefined && headers["x-ratelimit-remaining"] === "0";
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

// GitHub answers limits with 403 or 429; a plain 403 without any of these signs is about permissions. Content that comes
// too fast may also be answered as if it were wrong.
function isLimit({ status, headers, text }: LimitedAnswer): boolean {
  if (status === 429) return true;
  if (status === 200) return saysRateLimited(text);
  if (status === 422) return /was submitted too quickly/i.test(text);
  if (status !== 403) return false;
  if (headers["retry-after"] !== undefined || headers["x-ratelimit-remaining"] === "0") return true;
  return /secondary rate limit|abuse detection|rate limit exceeded/i.test(text);
}

// `text` of a 200 is there for queries alone: their errors stand in the body.
function saysRateLimited(text: string): boolean {
  if (text === "") return false;
  try {
    const { errors } = JSON.parse(text) as { errors?: unknown };
    return Array.isArray(errors) && errors.some((error) => error?.type === "RATE_LIMITED");
  } catch {
    return false;
  }
}

/** Retry-After in seconds or as an HTTP date, as a duration from now. */
function afterHeader(value: string | undefined, now: Instant): Millis | null {
  if (value === undefined || value.trim() === "") return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(date - now, 0);
}

function clamp(value: Millis, least: Millis, most: Millis): Millis {
  return Math.min(Math.max(value, least), most);
}
