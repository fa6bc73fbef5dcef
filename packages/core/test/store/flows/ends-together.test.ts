import { expect, it } from "vitest";
import { anEnding } from "../store-examples.ts";
import { aFlow, aGraph, aTask, done } from "./flow-examples.ts";

const next = { owner: "r1", leaseMs: 60_000, only: ["shell"] };

it("attempts that end in one moment are concluded in one transaction, and what follows begins in it", async () => {
  let commits = 0;
  const { store, begun, states } = await aFlow(
    aGraph("a b c>a d>b"),
    { parallelism: 2 },
    {
      onStatement(sql) {
        if (sql === "commit") commits += 1;
      },
    },
  );
  const [a, b] = [await begun(), await begun()];
  commits = 0;
  const [first, second] = await Promise.all(
    [a, b].map((each, index) =>
      store.flows.conclude(each.lease, each.session.id, done, anEnding(store.clock.now()), {
        ...next,
        sessions: [{ id: `next-${index}` }],
      }),
    ),
  );
  expect(commits).toBe(1);
  expect(first).toMatchObject({ begun: [{ task: { id: "c", state: "running" } }] });
  expect(second).toMatchObject({ begun: [{ task: { id: "d", state: "running" } }] });
  expect(await states()).toBe("a:succeeded b:succeeded c:running d:running");
});

it("one that cannot be concluded takes none of the others with it", async () => {
  const { store, begun, states } = await aFlow(aGraph("a b"));
  const [a, b] = [await begun(), await begun()];
  const [bad, good] = await Promise.allSettled([
    store.flows.conclude(a.lease, a.session.id, done, null),
    store.flows.conclude(b.lease, b.session.id, done, anEnding(store.clock.now())),
  ]);
  expect(bad.status).toBe("rejected");
  expect(good.status).toBe("fulfilled");
  expect(await states()).toBe("a:running b:succeeded");
});

it("where it is an agent's turn no command begins before it", async () => {
  const { store, begun } = await aFlow([
    aTask("first", { priority: 9 }),
    aTask("agent", { worker: "claude", command: null, prompt: "Do it.", priority: 5 }),
    aTask("command"),
  ]);
  const { lease, session } = await begun();
  const ending = anEnding(store.clock.now());
  const concluded = await store.flows.conclude(lease, session.id, done, ending, { ...next, sessions: [{ id: "n" }] });
  expect(concluded).toMatchObject({ begun: [] });
});
