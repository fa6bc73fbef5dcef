import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aHome } from "./a-home.ts";

/** A session whose run folder holds a log of `events`, and its lease. */
async function aSession() {
  const { home, store, source } = await aHome("web");
  const runDir = join(home, "runs", "s-1");
  mkdirSync(runDir, { recursive: true });
  writeFileSync(join(runDir, "events.jsonl"), '{"at":1,"kind":"message","text":"š"}\n');
  const subject = "issue:7";
  const { task } = await store.tasks.enqueue(
    { queue: "web", subject, lane: "issue-implementation", payload: { title: "It is slow" } },
    "test",
  );
  const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "test", leaseMs: 60_000 });
  if (!claim) throw new Error("not claimed");
  const session = await store.sessions.intend(claim.lease, {
    ...{ id: "s-1", profileId: "web", attempt: 1, kind: "agent", subject, lane: "issue-implementation" },
    ...{ backend: "shell", runDir, worktreePath: "/nowhere", branch: "b", startSha: "a".repeat(40) },
    resumes: { sessionId: "s-0", nativeSessionId: "of the backend", rung: "native" },
  });
  if (session === "lost") throw new Error("not intended");
  return { store, source, claim };
}

describe("one session", () => {
  it("is told with its title and which logs it has, under way and of long ago", async () => {
    const { source, store, claim } = await aSession();
    expect(await source.session("s-1")).toMatchObject({
      ...{ id: "s-1", profileId: "web", subject: "issue:7", title: "It is slow", state: "intended" },
      ...{ branch: "b", evidence: null, hasDiff: false, logs: { events: 38, output: null } },
      resumes: { sessionId: "s-0", rung: "native" },
    });
    await store.sessions.end("s-1", claim.lease.term, {
      ...{ exitReason: "finished", failureReason: null, exitCode: 0, signal: null, startedAt: 1, endedAt: 2 },
      ...{ nativeSessionId: null, usage: {}, retryAt: null, summary: "done", processes: { killed: 0, survivors: 0 } },
    });
    const lease = await store.tasks.adopt(claim.lease, "test", 60_000);
    if (lease === "lost") throw new Error("not adopted");
    const evidence = { startSha: "a".repeat(40), headSha: "b".repeat(40) };
    await store.tasks.release(
      lease,
      { kind: "succeeded" },
      { actor: "test", concludes: [{ sessionId: "s-1", outcome: "published", evidence }] },
    );
    expect(await source.session("s-1")).toMatchObject({ state: "concluded", evidence, hasDiff: true });
  });

  it("has no changes to show when its commits are not on this host, and is not there when it never was", async () => {
    const { source } = await aSession();
    expect(await source.sessionDiff("s-1")).toBeNull();
    expect(await source.sessionDiff("s-2")).toBeNull();
    expect(await source.session("s-2")).toBeNull();
  });
});
