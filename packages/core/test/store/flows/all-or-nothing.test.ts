import { storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { everything, flowActs, prepare } from "./flow-acts.ts";

it.each(Object.keys(flowActs))("%s: broken off before any of its statements it leaves nothing", async (name) => {
  let breaksBefore = Number.POSITIVE_INFINITY;
  let seen = Number.NEGATIVE_INFINITY;
  const { store } = await temporaryStore({
    onStatement(sql) {
      if (sql !== "rollback" && seen++ === breaksBefore) throw new Error("broken off");
    },
  });
  await prepare(store);
  const act = await flowActs[name]?.(store);
  if (!act) throw new Error(`There is no act ${name}`);
  const before = await everything(store);
  for (breaksBefore = 0; ; breaksBefore++) {
    seen = 0;
    const answer = await act().then(
      () => "done",
      (error: Error) => error.message,
    );
    const statements = seen;
    seen = Number.NEGATIVE_INFINITY;
    if (answer === "done") break;
    expect([answer, statements]).toEqual(["broken off", breaksBefore + 1]);
    expect((await everything(store)) === before).toBe(true);
  }
  // The commit was one of them.
  expect(breaksBefore).toBeGreaterThan(10);
  expect((await everything(store)) === before).toBe(false);
  expect(await storeProblems(store)).toEqual([]);
});
