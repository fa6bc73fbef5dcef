import { bundleFixture, startChild, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import type { LoggedEvent, OpenStore, Task } from "../../src/index.ts";

const never = 1_000_000;

describe("kill -9 between every pair of statements", () => {
  it("of a claim leaves the task queued and untouched, or running with its lease, outbox row and event", async () => {
    const { store, path } = await temporaryStore();
    const commitAt = await commitOf(store, path, "claim");
    for (let index = 0; index <= commitAt + 1; index++) {
      const { task } = await store.tasks.enqueue({ queue: "q", priority: index + 1 }, "test");
      await dieBefore(path, "claim", { taskId: task.id, term: 0 }, index);
      await expectWhole(store, task, index > commitAt ? "after" : "before", {
        before: { state: "queued", term: 0, attempts: 0, events: ["task.enqueued"], leased: false },
        after: {
          state: "running",
          term: 1,
          attempts: 1,
          events: ["task.enqueued", "task.claimed", "outbox.queued"],
          leased: true,
        },
      });
    }
    expect(await storeProblems(store)).toEqual([]);
  });

  it("of a release leaves the task running under its lease, or given back with its outbox row and event", async () => {
    const { store, path } = await temporaryStore();
    const commitAt = await commitOf(store, path, "release");
    const running = ["task.enqueued", "task.claimed"];
    for (let index = 0; index <= commitAt + 1; index++) {
      const { task } = await store.tasks.enqueue({ queue: "q", priority: index + 1 }, "test");
      const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "dying", leaseMs: 60_000 });
      await dieBefore(path, "release", claim?.lease ?? { taskId: 0, term: 0 }, index);
      await expectWhole(store, task, index > commitAt ? "after" : "before", {
        before: { state: "running", term: 1, attempts: 1, events: running, leased: true },
        after: {
          state: "queued",
          term: 1,
          attempts: 1,
          events: [...running, "outbox.queued", "task.released"],
          leased: false,
        },
      });
      expect(await store.tasks.attempts(task.id)).toHaveLength(index > commitAt ? 1 : 0);
    }
    expect(await storeProblems(store)).toEqual([]);
  });
});

interface Whole {
  readonly state: string;
  readonly term: number;
  readonly attempts: number;
  readonly events: readonly string[];
  readonly leased: boolean;
}

async function expectWhole(
  store: OpenStore,
  before: Task,
  which: "before" | "after",
  cases: { readonly before: Whole; readonly after: Whole },
): Promise<void> {
  const task = await store.tasks.get(before.id);
  const lease = await store.tasks.lease(before.id);
  const events: readonly LoggedEvent[] = await store.events.list({ taskId: before.id });
  const seen: Whole = {
    state: task?.state ?? "gone",
    term: task?.term ?? -1,
    attempts: task?.attempts ?? -1,
    events: events.map((event) => event.kind),
    leased: lease !== null,
  };
  expect(seen).toEqual(cases[which]);
  const writes = (await store.outbox.list({})).filter((row) => row.taskId === before.id);
  expect(writes).toHaveLength(events.filter((event) => event.kind === "outbox.queued").length);
}

/** Lets one run to its end to learn its statements, so that the test follows the code and checks its own reach. */
async function commitOf(store: OpenStore, path: string, what: "claim" | "release"): Promise<number> {
  const { task } = await store.tasks.enqueue({ queue: "q" }, "test");
  const claim =
    what === "release" ? await store.tasks.claim({ queues: ["q"], owner: "dying", leaseMs: 60_000 }) : undefined;
  const child = await start(path, what, claim?.lease ?? { taskId: task.id, term: 0 }, never);
  const { statements } = (await child.line()) as { statements: string[] };
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(statements[0]).toBe("begin immediate");
  expect(statements.at(-1)).toBe("commit");
  expect(statements.length).toBeGreaterThan(6);
  return statements.length - 1;
}

async function dieBefore(
  path: string,
  what: "claim" | "release",
  lease: { readonly taskId: number; readonly term: number },
  index: number,
): Promise<void> {
  const child = await start(path, what, lease, index);
  expect(await child.ended).toEqual({ code: null, signal: "SIGKILL" });
}

async function start(
  path: string,
  what: string,
  lease: { readonly taskId: number; readonly term: number },
  index: number,
) {
  const bundle = await bundleFixture(new URL("./fixtures/dying-process.ts", import.meta.url));
  return startChild(bundle, [path, what, String(lease.taskId), String(lease.term), String(index)]);
}
