import type { Instant, Sample } from "@agent-control-plane/core";
import type { Series } from "@agent-control-plane/dashboard";

const mostPoints = 300;

/** Pure. Samples as columns: those of one moment added up, and no more points than a chart can show. */
export function seriesOf(samples: readonly Sample[]): Series {
  const moments = [...byMoment(samples)].map(([at, together]) => ({ at, ...sumOf(together) }));
  const points = thinned(moments);
  return {
    at: points.map(({ at }) => at),
    running: points.map(({ running }) => running),
    waiting: points.map(({ waiting }) => waiting),
    pending: points.map(({ pending }) => pending),
    oldestWaitS: points.map(({ oldestWaitS }) => oldestWaitS),
    usd: points.map(({ usd }) => usd),
    tokens: points.map(({ tokens }) => tokens),
    allowanceLeft: points.map(({ allowanceLeft }) => allowanceLeft),
  };
}

function byMoment(samples: readonly Sample[]): ReadonlyMap<Instant, readonly Sample[]> {
  const moments = new Map<Instant, Sample[]>();
  for (const sample of samples) {
    const together = moments.get(sample.at);
    if (together) together.push(sample);
    else moments.set(sample.at, [sample]);
  }
  return moments;
}

function sumOf(samples: readonly Sample[]) {
  const sum = (of: (sample: Sample) => number) => samples.reduce((all, sample) => all + of(sample), 0);
  // Profiles share credentials: the least that any was told.
  const told = samples.flatMap(({ allowanceLeft }) => (allowanceLeft === null ? [] : [allowanceLeft]));
  return {
    ...{ running: sum(({ running }) => running), waiting: sum(({ waiting }) => waiting) },
    ...{ pending: sum(({ pending }) => pending), tokens: sum(({ tokens }) => tokens) },
    oldestWaitS: Math.max(0, ...samples.map(({ oldestWaitS }) => oldestWaitS)),
    usd: Math.round(sum(({ usd }) => usd) * 1e6) / 1e6,
    allowanceLeft: told.length === 0 ? null : Math.min(...told),
  };
}

/** Of each stretch its busiest moment, so that a peak is not left out. */
function thinned<Point extends { readonly running: number; readonly waiting: number }>(
  points: readonly Point[],
): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const stretch = Math.ceil(points.length / mostPoints);
  const busier = (a: Point, b: Point) => (b.running + b.waiting > a.running + a.waiting ? b : a);
  return Array.from({ length: Math.ceil(points.length / stretch) }, (_, n) =>
    points.slice(n * stretch, (n + 1) * stretch).reduce(busier),
  );
}
