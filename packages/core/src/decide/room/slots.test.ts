import { expect, test } from "vitest";
import { host, plain, policy, snapshot, task, wanted } from "../../../test/support/snapshots.ts";
import { giveRoom } from "./give-room.ts";
import { slotsTaken } from "./slots.ts";

const recurring = (number: number) => wanted(number, { traits: { ...plain, recurring: true } });

test("a running recurring issue counts once, and one that only waits for its launch counts for nothing", () => {
  const rules = policy({}, { recurringWorkers: 3 });
  const busy = [task(recurring(1), { state: "running", attempts: 1 })];
  expect(slotsTaken(busy, rules, host()).get("demo/recurring")).toBe(1);
  const waiting = [2, 3, 4].map((number) => ({ wanted: recurring(number), task: task(recurring(number)) }));
  const placed = giveRoom(
    snapshot({ policy: rules, tasks: [...busy, ...waiting.map((each) => each.task)] }),
    busy,
    waiting,
    0,
  );
  expect(placed.map((each) => (each.kind === "hold" ? each.because : each.kind))).toEqual([
    ...["launch", "launch", "recurring-full"],
  ]);
});

test("scheduled checks count among the profile's workers, too", () => {
  const check = wanted(2, { lane: "scheduled-check" });
  const contender = { wanted: check, task: task(check) };
  const busy = [task(wanted(1), { state: "running", attempts: 1 })];
  const verdictWith = (workers: number) =>
    giveRoom(snapshot({ policy: policy({}, { workers }) }), busy, [contender], 0).map((each) =>
      each.kind === "hold" ? each.because : each.kind,
    );
  expect([verdictWith(1), verdictWith(2)]).toEqual([["workers-full"], ["launch"]]);
});
