// Work that is done and that the forge refuses to take: it is kept, people are asked, and no agent runs a second time.
import { describe, expect, it } from "vitest";
import { type OutboxRow, retryWrite } from "../../src/index.ts";
import { observe } from "../../src/scheduler/observe/observe.ts";
import { labels, type SimulatedRuntime, World } from "./simulated-world.ts";

const minute = 60_000;

/** Its agent and its checks ran, and the forge refuses `kind`. */
async function refused(
  kind: OutboxRow["kind"] = "push-branch",
): Promise<{ readonly world: World; readonly runtime: SimulatedRuntime }> {
  const world = await World.make();
  const runtime = world.runtime("r1");
  world.faults.refuse = [kind];
  world.addIssue(1);
  await world.live(runtime, 5 * minute);
  expect(world.pulls).toHaveLength(0);
  return { world, runtime };
}

const asked = (world: World) => world.comments.filter((body) => body.startsWith("# Blocker: host-publish-failed"));
const isBlocked = (world: World) => world.forge.issues.get(1)?.labels.includes(labels.blocked);
const allowAgain = (world: World) => {
  world.faults.refuse = [];
};

describe("finished work that the forge refuses", () => {
  it.each(["push-branch", "open-pull-request"] as const)(
    "asks people once, and taking the label off sends it without another agent: %s",
    async (kind) => {
      const { world, runtime } = await refused(kind);
      await world.live(runtime, 60 * minute);
      expect(asked(world)).toHaveLength(1);
      expect(asked(world)[0]).toContain("take the label `agent-blocked` off");
      expect(isBlocked(world)).toBe(true);
      expect(await world.heldBecause(1)).toBe("publish-failed");
      const { launches } = world;
      allowAgain(world);
      await world.live(runtime, 10 * minute);
      expect(world.pulls).toHaveLength(0);
      world.label(1, { remove: [labels.blocked] });
      await world.live(runtime, 5 * minute);
      expect(world.pulls).toHaveLength(1);
      expect(world.comments.filter((body) => body.startsWith("Opened PR"))).toHaveLength(1);
      expect({ launches: world.launches, isBlocked: isBlocked(world) }).toEqual({ launches, isBlocked: false });
      expect(await world.store.outbox.list({ states: ["pending", "failed"] })).toEqual([]);
    },
  );

  it("asks again when it is refused again", async () => {
    const { world, runtime } = await refused();
    world.label(1, { remove: [labels.blocked] });
    await world.live(runtime, 10 * minute);
    expect(asked(world)).toHaveLength(2);
    expect(isBlocked(world)).toBe(true);
    allowAgain(world);
    world.label(1, { remove: [labels.blocked] });
    await world.live(runtime, 10 * minute);
    expect(world.pulls).toHaveLength(1);
    expect(world.launches).toBe(2);
  });

  it("goes on at a person's command, with all that waited for it, and the label is taken off", async () => {
    const { world, runtime } = await refused();
    allowAgain(world);
    const [row] = await world.store.outbox.list({ states: ["failed"] });
    expect(await retryWrite(world.store, row?.id ?? 0, "cli")).toMatchObject({ state: "pending" });
    await world.live(runtime, 10 * minute);
    expect(world.pulls).toHaveLength(1);
    expect(isBlocked(world)).toBe(false);
    expect(world.comments.filter((body) => body.startsWith("# Stopped"))).toEqual([]);
    expect(world.launches).toBe(2);
  });

  it("waits for a person who blocks it themselves, and sends nothing meanwhile", async () => {
    const { world, runtime } = await refused();
    world.label(1, { remove: [labels.blocked] });
    world.label(1, { add: [labels.blocked] });
    allowAgain(world);
    await world.live(runtime, 10 * minute);
    expect(world.pulls).toHaveLength(0);
    expect(await world.heldBecause(1)).toBe("blocked");
    world.label(1, { remove: [labels.blocked] });
    await world.live(runtime, 5 * minute);
    expect(world.pulls).toHaveLength(1);
  });

  it("is not sent once the issue was edited: it is worked as it is now", async () => {
    const { world, runtime } = await refused();
    allowAgain(world);
    world.changeIssue(1, () => ({ body: "something else" }));
    world.label(1, { remove: [labels.blocked] });
    await world.live(runtime, 10 * minute);
    expect(world.pulls).toHaveLength(1);
    expect(world.launches).toBe(4);
    const pushes = (await world.store.outbox.list({})).filter(({ kind }) => kind === "push-branch");
    expect(pushes.map(({ state }) => state)).toEqual(["failed", "sent"]);
  });
});

it("a question whose label was overtaken in the outbox by another label is asked when that one is set", async () => {
  const { world, runtime } = await refused();
  const { store } = world;
  const [task] = await store.tasks.list({ queue: "demo", subject: "issue:1" });
  const question = (await store.outbox.list({ taskId: task?.id ?? 0 })).find(({ idempotencyKey }) =>
    idempotencyKey.endsWith("/asked"),
  );
  // As the store leaves it when a row of ours for the same label is saved before the first is sent.
  const overtaken = { ...question, state: "dropped", lastError: "overtaken by row 999" } as OutboxRow;
  const list = async (filter: Parameters<typeof store.outbox.list>[0]) =>
    (await store.outbox.list(filter)).map((row) => (row.id === question?.id ? overtaken : row));
  const by = { ...question, id: 999, state: "sent" } as OutboxRow;
  const get = async (id: number) => (id === 999 ? by : store.outbox.get(id));
  const project = { ...runtime.project, store: { ...store, outbox: { ...store.outbox, list, get } } };
  const stuck = async () => [...(await observe(project, { draining: false })).stuck.values()].map(({ asked }) => asked);
  expect(await stuck()).toEqual([{ at: question?.sentAt }]);
  Object.assign(by, { kind: "remove-labels" });
  expect(await stuck()).toEqual([{ at: question?.createdAt }]);
});
