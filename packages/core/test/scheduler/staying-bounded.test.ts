import { expect, it } from "vitest";
import { workForDays } from "./months-of-work.ts";

it("a busy month leaves no more rows than its last days, of any table, and the open item's past", async () => {
  const { store, counts, problems } = await workForDays(20, 2);
  expect(problems).toEqual([]);
  // Ten days are kept at most, and every table stands still after them.
  expect(counts.at(-1)).toEqual(counts.at(-6));
  const { tasks = 0, ...rest } = counts.at(-1) ?? {};
  // Six days of two tasks, and the open one.
  expect(tasks).toBeLessThanOrEqual(2 * 6 + 1);
  expect(Math.max(...Object.values(rest))).toBeLessThan(tasks * 25);
  expect((await store.spend.items("q", ["issue:open"])).get("issue:open")).toMatchObject({ total: { tokens: 10 } });
  const totals = counts.map((rows) => rows.spend_totals ?? 0);
  expect(Math.max(...totals)).toBeLessThanOrEqual(2 * 7 + 1);
});
