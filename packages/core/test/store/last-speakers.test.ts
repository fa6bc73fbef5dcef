import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { Store } from "../../src/index.ts";
import { anEnding, aSession } from "./store-examples.ts";

const minute = 60_000;

/** Items of profile "q" at which sessions work one after the other. */
async function aProfile() {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  const begin = async (subject: string, id: string, conversation: string | null, queue = "q") => {
    clock.advance(minute);
    const { task } = await store.tasks.enqueue({ queue, subject, lane: "issue-implementation" }, "test");
    const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "o", leaseMs: minute });
    if (!claim) throw new Error("not claimed");
    const speaks = conversation && { id: conversation, model: "m", trust: "t", people: [], text: "x" };
    await store.sessions.intend(
      claim.lease,
      aSession(id, { profileId: queue, subject, conversation: speaks || null, model: "m" }),
    );
    return claim;
  };
  const end = async (store: Store, id: string, { lease }: Awaited<ReturnType<typeof begin>>, ran: boolean) => {
    if (ran) await store.sessions.start(id, lease.term, { pid: 1, startedMark: "m" });
    await store.sessions.end(id, lease.term, anEnding(clock.now(), { nativeSessionId: `native-${id}` }));
    const adopted = await store.tasks.adopt(lease, "o", minute);
    if (adopted === "lost") throw new Error("lost");
    const concludes = [{ sessionId: id, outcome: "try-again", evidence: null }];
    await store.tasks.release(adopted, { kind: "snooze", runAt: 0, reason: "r" }, { actor: "o", concludes });
  };
  const attempt = async (subject: string, id: string, conversation: string | null, { ran = true, queue = "q" } = {}) =>
    end(store, id, await begin(subject, id, conversation, queue), ran);
  return { store, clock, begin, attempt };
}

it("of each item the last session is told that speaks in a conversation, with how many did, the newest first", async () => {
  const { store, clock, begin, attempt } = await aProfile();
  await attempt("issue:1", "a1", "a1");
  await attempt("issue:1", "a2", "a1");
  await attempt("issue:2", "b1", "b1");
  await attempt("issue:2", "b2", "b2");
  await attempt("issue:3", "c1", "c1", { queue: "other" });
  const { lease } = await begin("issue:1", "a3", "a1");
  await store.sessions.start("a3", lease.term, { pid: 1, startedMark: "m" });
  expect(await store.sessions.lastSpeakers("q", 200)).toEqual([
    {
      ...{ id: "a3", taskId: 6, subject: "issue:1", lane: "issue-implementation", backend: "shell", model: "m" },
      ...{ state: "running", outcome: null, intendedAt: clock.now(), startedAt: clock.now(), endedAt: null },
      ...{ ending: null, conversationId: "a1", sessions: 3 },
    },
    expect.objectContaining({
      ...{ id: "b2", state: "concluded", outcome: "try-again", conversationId: "b2", sessions: 1 },
      ending: expect.objectContaining({ nativeSessionId: "native-b2" }),
    }),
  ]);
});

it("an item whose last session keeps no conversation has none to go on with", async () => {
  const { store, attempt } = await aProfile();
  await attempt("issue:1", "a1", "a1");
  await attempt("issue:1", "a2", null);
  expect(await store.sessions.lastSpeakers("q", 200)).toEqual([]);
});

it("a session that never ran said nothing, and leaves the one before it the last", async () => {
  const { store, attempt } = await aProfile();
  await attempt("issue:1", "a1", "a1");
  await attempt("issue:1", "a2", "a1", { ran: false });
  expect(await store.sessions.lastSpeakers("q", 200)).toMatchObject([{ id: "a1", sessions: 1 }]);
});

it("only the newest sessions are looked through, and counted are all of a conversation", async () => {
  const { store, attempt } = await aProfile();
  await attempt("issue:1", "a1", "a1");
  await attempt("issue:2", "b1", "b1");
  await attempt("issue:1", "a2", "a1");
  expect(await store.sessions.lastSpeakers("q", 1)).toMatchObject([{ id: "a2", sessions: 2 }]);
});
