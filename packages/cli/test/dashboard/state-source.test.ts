import type { Store } from "@agent-control-plane/core";
import type { Documents } from "@agent-control-plane/dashboard";
import { describe, expect, it } from "vitest";
import { aHome } from "./a-home.ts";

/** A session that works on an issue of this profile, as a scheduler begins one. */
async function beginSession(store: Store, profileId: string, number: number) {
  const subject = `issue:${number}`;
  const { task } = await store.tasks.enqueue({ queue: profileId, subject, lane: "issue-implementation" }, "test");
  const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "test", leaseMs: 60_000 });
  if (!claim) throw new Error("not claimed");
  const session = await store.sessions.intend(claim.lease, {
    ...{ id: `s-${profileId}-${number}`, profileId, attempt: 1, kind: "agent", subject, lane: "issue-implementation" },
    ...{ backend: "shell", runDir: "/nowhere", worktreePath: "/nowhere", branch: "b", startSha: "0" },
  });
  if (session === "lost") throw new Error("not intended");
  return { claim, session };
}

const none: Documents = new Map();

describe("the documents of a runtime home", () => {
  it("are the host's, the machine's and one for each profile", async () => {
    const { source } = await aHome("shop", "web");
    const documents = await source.read(none);
    expect([...documents.keys()]).toEqual(["host", "machine", "profile:shop", "profile:web"]);
    expect(documents.get("profile:web")).toMatchObject({
      profileId: "web",
      running: false,
      state: "stopped",
      live: [],
      recent: [],
    });
  });

  it("are the very same objects while nothing happens, and only that of the profile changes of which something is written", async () => {
    const { source, store } = await aHome("shop", "web");
    const first = await source.read(none);
    const second = await source.read(first);
    expect(second.get("profile:web")).toBe(first.get("profile:web"));

    await beginSession(store, "web", 7);
    const third = await source.read(second);
    expect(third.get("profile:web")).toMatchObject({
      live: [{ subject: "issue:7", state: "intended", activity: null }],
    });
    expect(third.get("profile:shop")).toBe(first.get("profile:shop"));
  });

  it("show the newest sessions first, and what failed and is tried again", async () => {
    const { source, store, clock } = await aHome("web");
    const { claim, session } = await beginSession(store, "web", 7);
    await store.sessions.end(session.id, claim.lease.term, {
      ...{ exitReason: "failed", failureReason: null, exitCode: 1, signal: null, startedAt: 1, endedAt: 2 },
      ...{
        nativeSessionId: null,
        usage: {},
        retryAt: null,
        summary: "it broke",
        processes: { killed: 0, survivors: 0 },
      },
    });
    const lease = await store.tasks.adopt(claim.lease, "test", 60_000);
    if (lease === "lost") throw new Error("not adopted");
    const runAt = clock.now() + 300_000;
    await store.tasks.release(
      lease,
      { kind: "retry", runAt, reason: "worker-exit-failed", result: "it broke" },
      {
        actor: "test",
        concludes: [{ sessionId: session.id, outcome: "failed", evidence: null }],
      },
    );
    expect((await source.read(none)).get("profile:web")).toMatchObject({
      live: [],
      recent: [{ id: session.id, outcome: "failed", summary: "it broke" }],
      retries: [{ subject: "issue:7", attempts: 1, runAt, reason: "worker-exit-failed" }],
    });
  });

  it("say of a profile that cannot be read what is wrong with it, beside the others", async () => {
    const { source, writeProfile } = await aHome("web");
    writeProfile("broken", "id: [\n");
    const documents = await source.read(none);
    expect(documents.get("profile:broken")).toMatchObject({ profileId: "broken", problems: 1 });
    expect(documents.get("profile:web")).toMatchObject({ problems: 0 });
  });

  it("tell of one item all that happened to it", async () => {
    const { source, store } = await aHome("web");
    const { session } = await beginSession(store, "web", 7);
    const item = await source.item("web", "issue:7");
    expect(item).toMatchObject({ subject: "issue:7", sessions: [{ id: session.id }], decision: null, writes: [] });
    expect(item?.timeline.map(({ kind }) => kind)).toEqual(["task.enqueued", "task.claimed", "session.intended"]);
    expect(await source.item("web", "issue:8")).toBeNull();
    expect(await source.sessionLog(session.id, "events", { start: 0, length: 10 })).toBeNull();
  });
});
