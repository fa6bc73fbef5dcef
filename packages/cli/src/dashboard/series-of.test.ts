import type { Sample } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { seriesOf } from "./series-of.ts";

const sample = (at: number, over: Partial<Sample> = {}): Sample => ({
  ...{ at, profileId: "web", running: 0, waiting: 0, pending: 0, oldestWaitS: 0, tokens: 0, usd: 0 },
  ...{ allowanceLeft: null, ...over },
});

it("has no more points than a chart can show, and leaves no peak out", () => {
  const samples = Array.from({ length: 2_000 }, (_, at) => sample(at, { running: at === 777 ? 9 : 1 }));
  const { at, running } = seriesOf(samples);
  expect(at.length).toBeGreaterThan(250);
  expect(at.length).toBeLessThanOrEqual(300);
  expect(at.toSorted((a, b) => a - b)).toEqual(at);
  expect(running[at.indexOf(777)]).toBe(9);
});

it("adds dollars up without the dust of adding them", () => {
  const { usd } = seriesOf([sample(1, { usd: 0.1 }), sample(1, { profileId: "shop", usd: 0.2 })]);
  expect(usd).toEqual([0.3]);
});

it("of an allowance that nobody was told of says nothing, and of a shared one the least", () => {
  const left = (...told: readonly (number | null)[]) =>
    seriesOf(told.map((allowanceLeft, nth) => sample(1, { profileId: `p${nth}`, allowanceLeft }))).allowanceLeft;
  expect([left(null, null), left(null, 40), left(60, 40)]).toEqual([[null], [40], [40]]);
});

it("nothing kept is columns without a point", () => {
  expect(Object.values(seriesOf([])).every((column) => column.length === 0)).toBe(true);
});
