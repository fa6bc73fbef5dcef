import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { type NewOutboxRow, type SecretScanner, storeWithoutSecrets } from "../../src/index.ts";
import { inspectWork } from "../../src/scheduler/inspect-work.ts";
import { redacted } from "../../src/scheduler/store-without-secrets.ts";

const scanner: SecretScanner = {
  find: async (text) =>
    [...text.matchAll(/hush\w*(\nhush)?/g)].map(({ index, 0: found }) => ({
      ...{ start: index, end: index + found.length, kind: "a hush" },
    })),
};

it("no text for the forge is saved with a secret in it, whichever way it is wanted", async () => {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  const guarded = storeWithoutSecrets(store, scanner);
  const shared = { profileId: "p", stream: "p/issue:1" };
  const comment = (key: string): NewOutboxRow => ({
    ...{ ...shared, kind: "comment", idempotencyKey: key, body: { number: 1, body: `so hush${key}, it is` } },
  });
  const pull: NewOutboxRow = {
    ...{ ...shared, kind: "open-pull-request", idempotencyKey: "pull" },
    body: { head: "hush-branch", base: "main", title: "hush title", body: "hush", sha: "hush", draft: false },
  };
  await guarded.outbox.enqueue([comment("a"), pull], "t");
  const { task } = await guarded.tasks.enqueue({ queue: "p", subject: "issue:1", maxAttempts: 1 }, "t");
  const claim = await guarded.tasks.claim({ queues: ["p"], owner: "o", leaseMs: 1000 });
  if (!claim) throw new Error("nothing to claim");
  await guarded.tasks.release(claim.lease, { kind: "succeeded" }, { actor: "o", outbox: [comment("b")] });
  await guarded.outbox.enqueue(
    [{ ...comment("c"), kind: "status", body: { sha: "s", state: "error", context: "c", description: "hush" } }],
    "t",
  );
  const receipt = { key: "k", profileId: "p", subject: "issue:1", body: {}, rows: [comment("d")] };
  expect(await guarded.spend.tell(receipt, "t")).toBe(true);
  expect(task.id).toBe(1);
  const bodies = (await store.outbox.list({ profileId: "p" })).map(({ body }) => body);
  expect(bodies).toEqual([
    { number: 1, body: "so [redacted], it is" },
    { head: "hush-branch", base: "main", title: "[redacted] title", body: "[redacted]", sha: "hush", draft: false },
    { number: 1, body: "so [redacted], it is" },
    { sha: "s", state: "error", context: "c", description: "[redacted]" },
    { number: 1, body: "so [redacted], it is" },
  ]);
});

it("a text that stands on the forge is left as it is, rather than written anew with less in it", async () => {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  const warned: unknown[] = [];
  const guarded = storeWithoutSecrets(store, scanner, { warn: (_, fields) => warned.push(fields?.key) });
  const shared = { profileId: "p", stream: "p/issue:1" };
  const update = (key: string, kind: "update-issue" | "update-pull-request", title: string | null, body: string) => ({
    ...{ ...shared, kind, idempotencyKey: key },
    body: { number: 1, expectedBodySha: "x", title, body },
  });
  const after = { ...shared, kind: "comment", idempotencyKey: "e", body: { number: 1, body: "done" } } as const;
  await guarded.outbox.enqueue(
    [
      update("a", "update-issue", null, "- [x] use hush1"),
      update("b", "update-pull-request", "hush", "fine"),
      update("c", "update-issue", null, "- [x] fine"),
      { ...after, idempotencyKey: "d", needsKey: "a" },
      after,
    ],
    "t",
  );
  const saved = await store.outbox.list({ profileId: "p" });
  expect(saved.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["c", "e"]);
  expect(saved[0]?.body).toMatchObject({ body: "- [x] fine" });
  expect(warned).toEqual(["a", "b"]);
});

it("places that overlap are one", async () => {
  const twice: SecretScanner = {
    find: async () => [
      { start: 4, end: 8, kind: "a" },
      { start: 2, end: 6, kind: "b" },
    ],
  };
  expect(await redacted(twice, "0123456789")).toBe("01[redacted]89");
});

it.each([
  ["between zero bytes", "\0hush\0"],
  ["in two bytes a letter", Buffer.from("hush", "utf16le").toString("utf8")],
])("a secret %s is found", async (_, text) => {
  const file = { path: "a.bin", status: "added", additions: 0, deletions: 0, isBinary: true, removed: [] };
  const delta = { files: [{ ...file, added: [{ line: 1, text }] }], passing: [], isCut: false };
  const worktrees = { delta: async () => delta } as unknown as Parameters<typeof inspectWork>[0]["worktrees"];
  const { secrets } = await inspectWork({ worktrees, secrets: scanner }, { startSha: "a", headSha: "b" });
  expect(secrets).toEqual([{ path: "a.bin", line: 1, kind: "a hush" }]);
});

it("a secret in a change is named by file, line and kind, once, also where it was taken out again", async () => {
  const lines = (first: number, ...texts: string[]) => texts.map((text, index) => ({ line: first + index, text }));
  const file = { path: "a.ts", status: "modified", additions: 3, deletions: 0, isBinary: false, removed: ["hush"] };
  const delta = {
    files: [{ ...file, added: lines(7, "fine", "hush1", "x", "hush", "hush") }],
    passing: [
      { path: "a.ts", added: lines(8, "hush1") },
      { path: "gone.ts", added: lines(1, "x", "hush2") },
    ],
    isCut: false,
  };
  const worktrees = { delta: async () => delta } as unknown as Parameters<typeof inspectWork>[0]["worktrees"];
  const { secrets } = await inspectWork({ worktrees, secrets: scanner }, { startSha: "a", headSha: "b" });
  expect(secrets).toEqual([
    { path: "a.ts", line: 8, kind: "a hush" },
    // One of two lines.
    { path: "a.ts", line: 10, kind: "a hush" },
    { path: "gone.ts", line: 2, kind: "a hush" },
  ]);
});
