import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import type { NewOutboxRow, OpenStore, OutboxRow } from "../../src/index.ts";

const stream = "p/issue:1";
const request = { owner: "d", claimMs: 1000, profileIds: ["p"] };
let named = 0;

type Want = readonly ["add" | "remove", ...string[]] | "comment";

function rowOf(want: Want, extra: Partial<NewOutboxRow> = {}): NewOutboxRow {
  const base = { profileId: "p", stream, idempotencyKey: `k${++named}` };
  if (want === "comment") return { ...base, kind: "comment", body: { number: 1, body: "c" }, ...extra };
  const [verb, ...labels] = want;
  return { ...base, kind: `${verb}-labels`, body: { number: 1, labels }, ...extra };
}

async function aStore(...wants: readonly Want[]): Promise<OpenStore> {
  const { store } = await temporaryStore({ clock: new ManualClock() });
  for (const want of wants) await store.outbox.enqueue([rowOf(want)], "test");
  return store;
}

const said = ({ kind, body }: OutboxRow): string =>
  "labels" in body ? `${kind.slice(0, -"-labels".length)} ${body.labels.join(" ")}` : kind;

const pending = async (store: OpenStore) => (await store.outbox.list({ states: ["pending"] })).map(said);

const cases: readonly (readonly [string, readonly Want[], readonly string[]])[] = [
  [
    "an add and a later remove",
    [
      ["add", "a"],
      ["remove", "a"],
    ],
    ["remove a"],
  ],
  [
    "there and back",
    [
      ["remove", "a"],
      ["add", "a"],
      ["remove", "a"],
      ["add", "a"],
    ],
    ["add a"],
  ],
  [
    "several adds",
    [
      ["add", "a"],
      ["add", "b"],
      ["add", "c"],
    ],
    ["add a b c"],
  ],
  [
    "adds around a remove",
    [
      ["add", "a"],
      ["remove", "b"],
      ["add", "c"],
    ],
    ["remove b", "add a c"],
  ],
  [
    "what is said twice, in other letters",
    [
      ["add", "Bug"],
      ["add", "bug"],
    ],
    ["add bug"],
  ],
  [
    "one of two labels",
    [
      ["add", "a", "b"],
      ["remove", "a"],
    ],
    ["add b", "remove a"],
  ],
  ["a remove across a comment", [["add", "a"], "comment", ["remove", "a"]], ["comment", "remove a"]],
  ["other labels on both sides of a comment", [["add", "a"], "comment", ["add", "b"]], ["add a", "comment", "add b"]],
];
it.each(cases)("%s: only the net difference is left to send", async (_, wants, left) => {
  expect(await pending(await aStore(...wants))).toEqual(left);
});

it("the log says what became of an overtaken row, and of the one that took it in", async () => {
  const store = await aStore(["add", "a"], ["add", "b"]);
  expect(await store.outbox.get(1)).toMatchObject({ state: "dropped", lastError: "overtaken by row 2" });
  expect((await store.events.list({})).map(({ kind, body }) => ({ kind, body }))).toMatchObject([
    { kind: "outbox.queued", body: { id: 1 } },
    { kind: "outbox.queued", body: { id: 2 } },
    { kind: "outbox.dropped", body: { id: 1, reason: "overtaken by row 2" } },
    { kind: "outbox.rewritten", body: { id: 2, from: ["b"], labels: ["a", "b"] } },
  ]);
});

it("what is being sent is left as it is, and so is what waits behind it for the other streams", async () => {
  const store = await aStore(["add", "a"]);
  await store.outbox.claim(request);
  await store.outbox.sendStarts(1, "d");
  await store.outbox.enqueue([rowOf(["remove", "a"])], "test");
  await store.outbox.enqueue([rowOf(["add", "a"], { stream: "p/issue:2" })], "test");
  expect(await pending(store)).toEqual(["add a", "remove a", "add a"]);
});

it("a claimed row is dropped before it is sent, and never changed under its deliverer", async () => {
  const store = await aStore(["add", "a"]);
  await store.outbox.claim(request);
  await store.outbox.enqueue([rowOf(["remove", "a"])], "test");
  expect(await store.outbox.sendStarts(1, "d")).toBe("lost");

  const other = await aStore(["add", "a", "b"]);
  await other.outbox.claim(request);
  await other.outbox.enqueue([rowOf(["remove", "a"])], "test");
  expect(await pending(other)).toEqual(["add a b", "remove a"]);
  // What the claimed row still says of a label is not carried past the row that takes it back.
  await other.outbox.enqueue([rowOf(["add", "c"])], "test");
  expect(await pending(other)).toEqual(["remove a", "add b c"]);
});

it("rows that others need, or that need others, are nobody's to drop", async () => {
  const store = await aStore();
  const needed = rowOf(["add", "a"]);
  const inNeed = rowOf(["remove", "a"], { needsKey: needed.idempotencyKey });
  await store.outbox.enqueue([needed, inNeed, rowOf(["add", "b"]), rowOf(["remove", "a"])], "test");
  expect(await pending(store)).toEqual(["add a", "remove a", "add b", "remove a"]);
});

/** Small and repeatable; the seed is in the name of the test. */
function chance(seed: number): (below: number) => number {
  let state = seed * 2654435761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return (state >>> 8) % below;
  };
}

it.each(Array.from({ length: 8 }, (_, seed) => seed))(
  "after any interleaving the labels are those of all wants in order (seed %i)",
  async (seed) => {
    const below = chance(seed + 1);
    const { store } = await temporaryStore({ clock: new ManualClock() });
    const expected = new Set(["a", "c"]);
    const there = new Set(expected);
    const claimed: { row: OutboxRow; begun: boolean }[] = [];
    const apply = (row: OutboxRow) => {
      if (!("labels" in row.body)) return;
      for (const label of row.body.labels) row.kind === "add-labels" ? there.add(label) : there.delete(label);
    };
    /** One step of a deliverer; each of them may be the last one for a while. */
    async function step(): Promise<void> {
      const open = claimed.at(-1);
      if (!open) {
        const row = await store.outbox.claim(request);
        if (row) claimed.push({ row, begun: false });
      } else if (!open.begun) {
        open.begun = true;
        if ((await store.outbox.sendStarts(open.row.id, "d")) !== "applied") claimed.pop();
      } else {
        apply(open.row);
        claimed.pop();
        if (below(4) === 0) await store.outbox.retryLater(open.row.id, "d", "reply lost", store.clock.now(), true);
        else await store.outbox.sent(open.row.id, "d", null);
      }
    }
    for (let round = 0; round < 60; round += 1) {
      if (below(3) === 0) await step();
      else if (below(6) === 0) await store.outbox.enqueue([rowOf("comment")], "test");
      else {
        const labels = ["a", "b", "c", "d"].filter(() => below(2) === 0);
        const verb = below(2) === 0 ? "add" : "remove";
        await store.outbox.enqueue([rowOf([verb, ...labels])], "test");
        for (const label of labels) verb === "add" ? expected.add(label) : expected.delete(label);
      }
    }
    while ((await store.outbox.list({ states: ["pending"] })).length > 0) await step();
    expect([...there].sort()).toEqual([...expected].sort());
  },
);
