import type { Documents } from "@agent-control-plane/dashboard";
import { expect, it } from "vitest";
import { aHome } from "./a-home.ts";

const none: Documents = new Map();

it("the snapshot is told the places, providers and waiting writes of each profile that can be read", async () => {
  const { source, store, home, writeProfile } = await aHome("web");
  writeProfile("broken", "id: [\n");
  const { task } = await store.tasks.enqueue(
    { queue: "web", subject: "issue:7", lane: "issue-implementation" },
    "test",
  );
  const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "test", leaseMs: 60_000 });
  if (!claim) throw new Error("not claimed");
  await store.sessions.intend(claim.lease, {
    ...{ id: "s-7", profileId: "web", attempt: 1, kind: "agent", subject: "issue:7", lane: "issue-implementation" },
    ...{ backend: "codex", runDir: "/runs/s-7", worktreePath: "/trees/s-7", branch: "b7", startSha: "0" },
  });
  const stream = { profileId: "web", stream: "web/issue:7" } as const;
  await store.outbox.enqueue(
    [
      { ...stream, kind: "add-labels", idempotencyKey: "1", body: { number: 7, labels: ["a", "b"] } },
      { ...stream, kind: "comment", idempotencyKey: "2", body: { number: 7, body: "hello" } },
      {
        ...{ ...stream, kind: "review", idempotencyKey: "3" },
        body: { number: 8, headSha: "0", event: "approve", body: "fine" },
      },
    ],
    "test",
  );

  const documents = await source.read(none);
  const { profiles, profilesDir } = await source.snapshotFacts(documents);
  expect(profilesDir).toBe(`${home}/control-plane/profiles`);
  expect([...profiles.keys()]).toEqual(["web"]);
  const web = profiles.get("web");
  expect(web).toMatchObject({
    ...{ repoRoot: null, codingWorker: "codex", stateRoot: `${home}/state` },
    ...{ providers: [{ backend: "codex", pool: null }], pending: { comments: 1, approvals: 1, labels: 1 } },
  });
  expect([...(web?.labels.values() ?? [])]).toEqual([{ add: 2, remove: 0 }]);
  expect(web?.sessions.get("s-7")).toMatchObject({ branch: "b7", worktree: "/trees/s-7", runDir: "/runs/s-7" });
});

it("the snapshot has no places to tell of a home in which nothing has run", async () => {
  const { source } = await aHome();
  const { profiles } = await source.snapshotFacts(await source.read(none));
  expect(profiles.size).toBe(0);
});
