import { ManualClock, storeProblems, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { NewOutboxRow, OpenStore, OutboxKind } from "../../src/index.ts";

const leaseMs = 60_000;
const request = { owner: "d", claimMs: 1000, profileIds: ["p"] };

const bodies: { readonly [kind in OutboxKind]?: NewOutboxRow["body"] } = {
  "push-branch": { branch: "b", sha: "1", expectedSha: null },
  "open-pull-request": { head: "b", base: "main", title: "t", body: "", sha: "1", draft: false },
  merge: { number: 1, headSha: "1", method: "squash", title: null, message: null, queue: false },
  review: { number: 1, headSha: "1", event: "approve", body: "" },
  comment: { number: 1, body: "said" },
  "add-labels": { number: 1, labels: ["a"] },
};
const row = (kind: OutboxKind, extra: Partial<NewOutboxRow> = {}): NewOutboxRow => ({
  profileId: "p",
  kind,
  stream: "p/issue:1",
  idempotencyKey: kind,
  body: bodies[kind] as NewOutboxRow["body"],
  ...extra,
});

/** A task that was worked once and waits for its next attempt; the first one wanted these rows. */
async function workedOnce(...rows: readonly NewOutboxRow[]) {
  const clock = new ManualClock();
  const { store, open } = await temporaryStore({ clock });
  const { task } = await store.tasks.enqueue({ queue: "p", subject: "issue:1", maxAttempts: 5 }, "test");
  const claim = await store.tasks.claim({ queues: ["p"], owner: "one", leaseMs });
  if (!claim) throw new Error("nothing claimed");
  const retry = { kind: "retry", runAt: clock.now(), reason: "r" } as const;
  await store.tasks.release(claim.lease, retry, { actor: "one", outbox: rows });
  const again = async (by: OpenStore = store) => {
    if (!(await by.tasks.claim({ queues: ["p"], owner: "two", leaseMs }))) throw new Error("nothing claimed");
  };
  return { store, open, clock, taskId: task.id, again };
}

it.each(["push-branch", "open-pull-request", "merge", "review"] as const)(
  "a %s of an attempt that another one followed is refused, with the reason",
  async (kind) => {
    const { store, again } = await workedOnce(row(kind));
    expect(await store.outbox.get(1)).toMatchObject({ term: 1 });
    await again();
    expect(await store.outbox.claim(request)).toBeNull();
    const refused = await store.outbox.get(1);
    expect(refused).toMatchObject({ state: "failed", tries: 0 });
    expect(refused?.lastError).toBe(
      "stale-term: it was wanted under term 1 of task 1, which was claimed for another attempt under term 2 since",
    );
    expect((await store.events.list({})).at(-1)).toMatchObject({ kind: "outbox.failed", body: { id: 1 } });
    expect(await storeProblems(store)).toEqual([]);
  },
);

it("it is sent as long as no other attempt has begun, even when that is waiting to", async () => {
  const { store } = await workedOnce(row("push-branch"));
  expect(await store.outbox.claim(request)).toMatchObject({ kind: "push-branch", term: 1 });
  expect(await store.outbox.sendStarts(1, "d")).toBe("applied");
});

it("what needs a refused row fails with it; what only says something of the old attempt is sent", async () => {
  const { store, again } = await workedOnce(
    row("push-branch"),
    row("open-pull-request", { needsKey: "push-branch" }),
    row("comment"),
    row("add-labels"),
  );
  await again();
  expect(await store.outbox.claim(request)).toMatchObject({ kind: "comment" });
  expect(await store.outbox.get(2)).toMatchObject({ state: "failed", lastError: "needed-write-failed" });
});

it("a reconcile that adopts the lease again and again makes nothing of its own attempt stale", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.tasks.enqueue({ queue: "p", subject: "issue:1" }, "test");
  // Saved with the claim already: the reconcile that follows is of the same attempt.
  const claim = await store.tasks.claim({ queues: ["p"], owner: "one", leaseMs, outbox: [row("review")] });
  for (let term = 1; term < 4; term += 1) {
    clock.advance(leaseMs);
    expect(await store.tasks.adopt({ taskId: 1, term }, "one", leaseMs)).toMatchObject({ term: term + 1 });
  }
  expect(claim?.lease.term).toBe(1);
  const outbox = [row("push-branch")];
  await store.tasks.release({ taskId: 1, term: 4 }, { kind: "succeeded" }, { actor: "one", outbox });
  expect(await store.outbox.claim(request)).toMatchObject({ kind: "review", term: 1 });
  await store.outbox.sent(1, "d", null);
  expect(await store.outbox.claim(request)).toMatchObject({ kind: "push-branch", term: 4 });
});

it("a second runtime that claims the task between claim and send of the row stops it", async () => {
  const { store, open, again } = await workedOnce(row("push-branch"));
  const other = await open();
  expect(await store.outbox.claim(request)).toMatchObject({ id: 1 });
  await again(other);
  expect(await store.outbox.sendStarts(1, "d")).toBe("refused");
  expect(await other.outbox.get(1)).toMatchObject({ state: "failed", claimedBy: null, sendStartedAt: null });
});

it("what may be on the forge already is settled first, and refused only when it is not there", async () => {
  const { store, clock, again } = await workedOnce(row("push-branch"));
  await store.outbox.claim(request);
  await store.outbox.sendStarts(1, "d");
  await again();
  clock.advance(1000);
  expect(await store.outbox.claim({ ...request, owner: "e" })).toMatchObject({ id: 1, tries: 2 });
  expect(await store.outbox.sendStarts(1, "e")).toBe("refused");
});

it("a dead letter that is replayed leaves what its last life wanted behind", async () => {
  const { store, again, clock } = await workedOnce();
  await again();
  const dead = { kind: "dead", reason: "r" } as const;
  await store.tasks.release({ taskId: 1, term: 2 }, dead, { actor: "two", outbox: [row("push-branch")] });
  await store.tasks.replayDeadLetter(1, "ann");
  clock.advance(1);
  await again();
  expect(await store.outbox.claim(request)).toBeNull();
  expect((await store.outbox.get(1))?.lastError).toMatch(/^stale-term: /);
});

it("rows that were saved outside of any lease are never stale", async () => {
  const { store, again } = await workedOnce();
  await store.outbox.enqueue([row("merge")], "ann");
  await again();
  expect(await store.outbox.claim(request)).toMatchObject({ kind: "merge", term: null });
});
