import { bundleFixture, startChild, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";

const processes = 8;
const tasks = 480;

it("eight processes on one queue share it: every task is worked once, nobody starves, nothing fails", async () => {
  const { store, path } = await temporaryStore();
  for (let index = 0; index < tasks; index++) await store.tasks.enqueue({ queue: "shared" }, "test");
  const bundle = await bundleFixture(new URL("./fixtures/claiming-process.ts", import.meta.url));

  const children = Array.from({ length: processes }, (_, index) => startChild(bundle, [path, `worker-${index}`]));
  for (const child of children) await child.line();
  for (const child of children) child.tell("go");
  const reports = (await Promise.all(children.map((child) => child.line()))) as { claimed: number[]; lost: number }[];
  for (const child of children) expect(await child.ended).toEqual({ code: 0, signal: null });

  const worked = reports.flatMap((report) => report.claimed);
  expect(worked).toHaveLength(tasks);
  expect(new Set(worked).size).toBe(tasks);
  expect(reports.every((report) => report.lost === 0)).toBe(true);
  // Fair would be 60 each. How even it is depends on the machine's load (the bench measures it); nobody gets nothing.
  expect(Math.min(...reports.map((report) => report.claimed.length))).toBeGreaterThanOrEqual(6);
  expect(await store.tasks.list({ states: ["succeeded"] })).toHaveLength(tasks);
  expect(await storeProblems(store)).toEqual([]);
});
