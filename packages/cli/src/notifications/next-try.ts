const minuteMs = 60_000;
const waits = [0.5, 2, 10, 30].map((minutes) => minutes * minuteMs);
const mostTries = 24;

/** Pure. How long a message waits after its so many-th try; null: it is given up. About a day in all. */
export const nextTryAfter = (tries: number): number | null =>
  tries >= mostTries ? null : (waits[tries - 1] ?? 60 * minuteMs);
