import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { type NewOutboxRow, type OpenStore, openStore } from "../../src/index.ts";

const day = 86_400_000;
const shas = { first: "a".repeat(40), second: "b".repeat(40) };

const base = (episode: number, sha = shas.first) =>
  ({ profileId: "demo", branch: "main", episode, cause: "checks", sha }) as const;

const row = (episode: number): NewOutboxRow<"create-issue"> => ({
  profileId: "demo",
  kind: "create-issue",
  stream: "demo/base:main",
  idempotencyKey: `demo/base:main/broken/${episode}`,
  body: { title: "broken", body: "", labels: [] },
});

async function made(store: OpenStore, number: number): Promise<void> {
  const claimed = await store.outbox.claim({ owner: "r1", claimMs: 1_000, profileIds: ["demo"] });
  await store.outbox.sendStarts(claimed?.id ?? 0, "r1");
  await store.outbox.sent(claimed?.id ?? 0, "r1", { number, url: "" });
}

it("of two runtimes that find the base broken one makes the issue, and one closes it", async () => {
  const { store, path } = await temporaryStore({});
  const other = await openStore({ path });
  const opened = await Promise.all([
    store.brokenBases.open(base(1), row(1), "r1"),
    other.brokenBases.open(base(1), row(1), "r2"),
    // One whose view is older counts from another time: one is open, so it makes none either.
    other.brokenBases.open(base(7), row(7), "r2"),
  ]);
  expect(opened.filter(Boolean)).toEqual([true]);
  expect((await store.outbox.list({})).length).toBe(1);
  const episode = (await store.brokenBases.newest("demo", "main"))?.episode ?? 0;
  const closing = (by: string) => ({
    ...row(episode),
    kind: "comment" as const,
    idempotencyKey: by,
    body: { number: 1, body: "" },
  });
  const closed = await Promise.all([
    store.brokenBases.close(base(episode), [closing("r1")], "r1"),
    other.brokenBases.close(base(episode), [closing("r2")], "r2"),
  ]);
  expect(closed.filter(Boolean)).toEqual([true]);
  expect((await store.outbox.list({})).filter(({ kind }) => kind === "comment").length).toBe(1);
  expect(await store.brokenBases.open(base(episode + 1), row(episode + 1), "r2")).toBe(true);
  await other.close();
});

it("its number is known for as long as it is open, however old its write is", async () => {
  const clock = new ManualClock();
  const { store } = await temporaryStore({ clock });
  await store.brokenBases.open(base(1), row(1), "r1");
  expect(await store.brokenBases.newest("demo", "main")).toMatchObject({ issue: null, isRefused: false });
  await made(store, 12);
  clock.advance(400 * day);
  const rest = () => ({ before: clock.now(), forgeCache: 0, totals: 0, samples: 0, profiles: null });
  await store.retention.pruneRest(rest(), 10);
  expect(await store.brokenBases.newest("demo", "main")).toMatchObject({ issue: 12, closedAt: null });
  await store.brokenBases.close(base(1), [], "r1");
  expect(await store.retention.pruneRest(rest(), 10)).toEqual({ outbox: 1 });
});

it("work that passed from the head it is broken at, or from another broken one, says nothing", async () => {
  const { store } = await temporaryStore({});
  await store.brokenBases.open(base(1), row(1), "r1");
  const green = (sha: string) => store.brokenBases.seenGreen({ profileId: "demo", branch: "main", sha });
  expect(await green(shas.first)).toBe(false);
  await store.baselines.put({ profileId: "demo", sha: shas.second, passed: false, summary: "" }, "r1");
  expect(await green(shas.second)).toBe(false);
  await store.baselines.put({ profileId: "demo", sha: shas.second, passed: true, summary: "" }, "r1");
  expect(await green(shas.second)).toBe(true);
  expect(await store.brokenBases.newest("demo", "main")).toMatchObject({ greenSha: shas.second });
  expect(await store.brokenBases.seenBroken({ ...base(1), sha: shas.second })).toBe(true);
  expect(await store.brokenBases.newest("demo", "main")).toMatchObject({ greenSha: null, sha: shas.second });
});
