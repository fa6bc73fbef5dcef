import { expect, it } from "vitest";
import { workForDays } from "./months-of-work.ts";

it("a busy season leaves no more rows than its last days", async () => {
  const { counts, problems } = await workForDays(120, 5);
  expect(problems).toEqual([]);
  expect(counts.at(-1)).toEqual(counts.at(30));
}, 110_000);
