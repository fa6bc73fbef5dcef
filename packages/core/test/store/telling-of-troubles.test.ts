import { ManualClock, temporaryStore } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import type { News, NotificationMessage, Store, Trouble } from "../../src/index.ts";
import { queryPlans, type RecordedStatement } from "./query-plans.ts";

const minute = 60_000;

const aTrouble = (subject: string, changes: Partial<Trouble> = {}): Trouble => ({
  ...{ key: `quota:${subject}`, kind: "quota", code: "usage-limit", profileId: null, subject, text: "t", act: "a" },
  ...{ title: null, url: null, since: null, settleMs: 0, ...changes },
});

let deliveries = 0;
const aMessage = ({ troubles, counts }: News): NotificationMessage => {
  deliveries += 1;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    ...{ delivery: `n${deliveries}`, at: "", host: "h", isTest: false, title: "", text: "", total, counts },
    troubles: troubles.map((trouble) => ({ ...trouble, since: "", link: null })),
  };
};

/** What this channel is told now, by subject; null: nothing. The message is sent. */
async function tell({ notifications }: Store, changes: Partial<Parameters<typeof notifications.plan>[0]> = {}) {
  const channel = changes.channel ?? "host/webhook";
  const planned = await notifications.plan({
    ...{ channel, profileId: null, kinds: ["quota", "parked"], groupMs: 10 * minute, most: 20, write: aMessage },
    ...changes,
  });
  if (planned === null) return null;
  const claimed = await notifications.claim({ owner: "r1", claimMs: minute, channels: [channel] });
  expect(claimed).toMatchObject({ id: planned.id, tries: 1, state: "pending" });
  expect(await notifications.sent(planned.id, "r1", "HTTP 200")).toBe("applied");
  return planned.message.troubles.map(({ subject }) => subject);
}

describe("a trouble", () => {
  it("is told once for as long as it stands, also over restarts, and anew when it was over", async () => {
    const clock = new ManualClock();
    const { store, open } = await temporaryStore({ clock });
    await store.notifications.seen([aTrouble("a")], minute);
    expect(await tell(store)).toEqual(["a"]);
    clock.advance(60 * minute);
    const later = await open();
    await later.notifications.seen([aTrouble("a", { text: "until nine" })], minute);
    expect(await tell(later)).toBeNull();
    await store.notifications.seen([], minute);
    clock.advance(2 * minute);
    await store.notifications.seen([], minute);
    await store.notifications.seen([aTrouble("a")], minute);
    expect(await tell(store)).toEqual(["a"]);
  });

  it("that is back after a short while is the one of before", async () => {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    for (let look = 0; look < 20; look += 1) {
      await store.notifications.seen(look % 2 === 0 ? [aTrouble("a")] : [], 10 * minute);
      expect(await tell(store, { groupMs: 0 })).toEqual(look === 0 ? ["a"] : null);
      clock.advance(minute);
    }
  });

  it("is told when it has stood for long enough, counted anew when it was gone meanwhile", async () => {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    const slow = [aTrouble("a", { settleMs: 5 * minute })];
    await store.notifications.seen(slow, 10 * minute);
    clock.advance(4 * minute);
    await store.notifications.seen([], 10 * minute);
    await store.notifications.seen(slow, 10 * minute);
    clock.advance(4 * minute);
    expect(await tell(store)).toBeNull();
    clock.advance(minute);
    expect(await tell(store)).toEqual(["a"]);
  });

  it("reaches each channel, a profile's only with its own, and none with a kind that is not told now", async () => {
    const { store } = await temporaryStore();
    const of = (profileId: string) => aTrouble(profileId, { profileId });
    await store.notifications.seen([of("web"), of("shop"), aTrouble("host", { kind: "parked" })], minute);
    expect(await tell(store, { channel: "profile/web/command", profileId: "web" })).toEqual(["web"]);
    expect(await tell(store, { channel: "host/desktop", kinds: ["parked"] })).toEqual(["host"]);
    expect(await tell(store, { kinds: ["budget"] })).toBeNull();
    expect((await tell(store))?.toSorted()).toEqual(["host", "shop", "web"]);
    expect(await store.notifications.standing(10)).toMatchObject([
      { toldTo: ["host/desktop", "host/webhook"] },
      { toldTo: ["host/webhook"] },
      { toldTo: ["host/webhook", "profile/web/command"] },
    ]);
  });
});

describe("a channel", () => {
  it("gets one message for a thousand troubles, and at most one in its time", async () => {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    const thousand = Array.from({ length: 1000 }, (_, index) => aTrouble(`s${index}`));
    await store.notifications.seen(thousand, minute);
    expect(await tell(store)).toHaveLength(20);
    expect(await store.notifications.list()).toMatchObject([{ message: { total: 1000, counts: { quota: 1000 } } }]);
    const more: Trouble[] = [];
    for (let passed = 0; passed < 21; passed += 1) {
      more.push(aTrouble(`new${passed}`));
      await store.notifications.seen([...thousand, ...more], 60 * minute);
      await tell(store);
      clock.advance(minute);
    }
    const totals = (await store.notifications.list()).map(({ message }) => message.total);
    expect(totals).toEqual([1000, 11, 10]);
  });

  it("gets no second message while one waits, which is given up after a day", async () => {
    const clock = new ManualClock();
    const { store } = await temporaryStore({ clock });
    const claim = () => store.notifications.claim({ owner: "r1", claimMs: minute, channels: ["host/webhook"] });
    const plan = { channel: "host/webhook", profileId: null, kinds: ["quota"], groupMs: minute, most: 9 } as const;
    await store.notifications.seen([aTrouble("a")], minute);
    const first = await store.notifications.plan({ ...plan, write: aMessage });
    expect(await claim()).toMatchObject({ id: first?.id });
    await store.notifications.retryLater(first?.id ?? 0, "r1", "HTTP 503", clock.now() + 60 * minute);
    clock.advance(30 * minute);
    await store.notifications.seen([aTrouble("a"), aTrouble("b")], minute);
    expect([await claim(), await tell(store)]).toEqual([null, null]);
    clock.advance(24 * 60 * minute);
    expect(await claim()).toBeNull();
    expect(await store.notifications.list()).toMatchObject([
      { state: "failed", answer: "not sent within a day: HTTP 503" },
    ]);
    expect(await tell(store)).toEqual(["b"]);
  });

  it("is told by one of two runtimes, and by the other one when the first is gone before its verdict", async () => {
    const clock = new ManualClock();
    const { store, open } = await temporaryStore({ clock });
    const other = await open();
    await store.notifications.seen([aTrouble("a")], minute);
    const plan = { channel: "c", profileId: null, kinds: ["quota"], groupMs: 0, most: 9, write: aMessage } as const;
    const planned = await Promise.all([store, other, store, other].map((each) => each.notifications.plan(plan)));
    expect(planned.filter((each) => each !== null)).toHaveLength(1);
    const claim = (each: Store, owner: string) => each.notifications.claim({ owner, claimMs: minute, channels: ["c"] });
    const claimed = await Promise.all([claim(store, "r1"), claim(other, "r2")]);
    const [mine] = claimed.filter((each) => each !== null);
    expect(claimed.filter((each) => each !== null)).toHaveLength(1);
    clock.advance(minute);
    const again = await claim(other, "r3");
    expect(again).toMatchObject({ id: mine?.id, delivery: mine?.delivery, tries: 2 });
    expect(await store.notifications.sent(mine?.id ?? 0, claimed[0] ? "r1" : "r2", "ok")).toBe("lost");
    expect(await other.notifications.sent(mine?.id ?? 0, "r3", "ok")).toBe("applied");
    const kinds = (await store.events.list({})).map(({ kind }) => kind);
    expect(kinds).toEqual(["notification.sent"]);
  });
});

it("a look that finds nothing new writes nothing and takes no lock, and every statement finds its rows by an index", async () => {
  const said: string[] = [];
  const statements: RecordedStatement[] = [];
  const { store, path } = await temporaryStore({
    onStatement: (sql, params) => {
      said.push(sql);
      if (params) statements.push({ sql, params });
    },
  });
  const look = async () => {
    await store.notifications.seen([aTrouble("a"), aTrouble("b")], minute);
    return tell(store);
  };
  expect(await look()).toHaveLength(2);
  said.length = 0;
  expect(await look()).toBeNull();
  expect(said).toHaveLength(2);
  expect(said.some((sql) => sql === "begin immediate")).toBe(false);
  const plans = queryPlans(path, statements).join("\n");
  expect(plans).toMatch(/SEARCH told /);
  expect(plans).not.toMatch(/SCAN (n|notifications|told)\b/);
});
