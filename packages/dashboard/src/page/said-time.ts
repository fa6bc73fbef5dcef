// Times and amounts in words. Pure.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `4 s`, `12 min`, `3 h 5 min`, `2 d 4 h`; never negative. */
export function durationText(ms: number): string {
  const left = Math.max(0, ms);
  if (left < minute) return `${Math.floor(left / second)} s`;
  if (left < hour) return `${Math.floor(left / minute)} min`;
  if (left < day) return twoParts(left, hour, "h", minute, "min");
  return twoParts(left, day, "d", hour, "h");
}

/** `just now`, `4 min ago`, `in 2 h`. */
export function relativeText(at: number, now: number): string {
  const away = at - now;
  if (Math.abs(away) < 5 * second) return "just now";
  return away < 0 ? `${durationText(-away)} ago` : `in ${durationText(away)}`;
}

/** `12:03:07`, with the date when it is of another day, as the reader's clock has it. */
export function clockText(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hour12: false });
  return date.toDateString() === new Date(now).toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}

/** `950`, `12.3k`, `4.1M`. */
export function countText(count: number): string {
  if (count < 1_000) return String(Math.round(count));
  if (count < 1_000_000) return `${trimmed(count / 1_000)}k`;
  if (count < 1_000_000_000) return `${trimmed(count / 1_000_000)}M`;
  return `${trimmed(count / 1_000_000_000)}G`;
}

/** `$0.42`, `$12.30`, `$1,240`. */
export const moneyText = (usd: number): string =>
  `$${usd.toLocaleString("en-US", usd < 1_000 ? { minimumFractionDigits: 2, maximumFractionDigits: 2 } : { maximumFractionDigits: 0 })}`;

/** `512 MB`, `31.2 GB`. */
export function bytesText(bytes: number): string {
  if (bytes >= 1e12) return `${trimmed(bytes / 1e12)} TB`;
  if (bytes >= 1e9) return `${trimmed(bytes / 1e9)} GB`;
  return `${Math.round(bytes / 1e6)} MB`;
}

const trimmed = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, ""));

function twoParts(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}
