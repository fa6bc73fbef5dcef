import { expect, it } from "vitest";
import { ManualClock } from "./manual-clock.ts";

it("wakes sleepers in the order of their time, and only those whose time has come", async () => {
  const clock = new ManualClock(1000);
  const woken: string[] = [];
  const sleeps = [
    clock.sleep(300).then(() => woken.push("late")),
    clock.sleep(200).then(() => woken.push("second")),
    clock.sleep(100).then(() => woken.push("first")),
  ];
  clock.advance(250);
  await Promise.all(sleeps.slice(1));
  expect(woken).toEqual(["first", "second"]);
  expect(clock.sleeping).toBe(1);
  expect(clock.now()).toBe(1250);
});

it("an aborted sleep ends at once, without an error", async () => {
  const clock = new ManualClock();
  const abort = new AbortController();
  const sleep = clock.sleep(1000, abort.signal);
  abort.abort();
  await sleep;
  await clock.sleep(1000, abort.signal);
  expect(clock.sleeping).toBe(0);
});
