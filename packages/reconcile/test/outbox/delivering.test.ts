import {
  type Deliverer,
  ForgeError,
  type Json,
  type NewOutboxRow,
  type OutboxKind,
  outboxKinds,
} from "@agent-control-plane/core";
import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { type Delivery, deliverAll, deliverNext } from "../../src/index.ts";

let clock: ManualClock;
let temporary: TemporaryStore;
/** What stands on the pretended forge, and the calls it saw. */
let visible: string[];
let calls: string[];
/** What the next sends do: run before or after the effect. */
let trouble: { before?: (key: string) => void; after?: (key: string) => void; settling?: () => void };

beforeEach(async () => {
  clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  visible = [];
  calls = [];
  trouble = {};
});

const deliverer: Deliverer = {
  async deliver({ idempotencyKey: key }, needed): Promise<Json> {
    calls.push(`deliver ${key}`);
    trouble.before?.(key);
    visible.push(key);
    trouble.after?.(key);
    return { made: key, needed };
  },
  async settle({ idempotencyKey: key }) {
    calls.push(`settle ${key}`);
    trouble.settling?.();
    return visible.includes(key) ? { made: key, settled: true } : null;
  },
};
const deliverers = Object.fromEntries(outboxKinds.map((kind) => [kind, deliverer])) as Record<OutboxKind, Deliverer>;

function delivery(owner = "runtime-1", outbox = temporary.store.outbox): Delivery {
  return { outbox, deliverers, owner, profileIds: ["demo"], clock, claimMs: 60_000, settleAfterMs: 10_000 };
}

function row(key: string, extra: Partial<NewOutboxRow> = {}): NewOutboxRow {
  const body = { number: 1, body: "hello" };
  return { profileId: "demo", kind: "comment", stream: `demo/${key}`, idempotencyKey: key, body, ...extra };
}
const enqueue = (...rows: NewOutboxRow[]) => temporary.store.outbox.enqueue(rows, "test");
async function stored(key: string) {
  const rows = await temporary.store.outbox.list({});
  return rows.find((one) => one.idempotencyKey === key);
}
function fail(error: ForgeError) {
  return () => {
    throw error;
  };
}
const lost = new ForgeError("unreachable", "reply lost", { maybeApplied: true });

describe("a row", () => {
  it("is sent once and keeps its result", async () => {
    await enqueue(row("a"));
    expect(await deliverNext(delivery())).toBe("sent");
    expect(await deliverNext(delivery())).toBe("idle");
    expect(await stored("a")).toMatchObject({ state: "sent", result: { made: "a" } });
    expect(calls).toEqual(["deliver a"]);
  });

  it("gets the result of the row it needs, and fails with it", async () => {
    await enqueue(row("pr", { stream: "s" }), row("comment", { stream: "s", needsKey: "pr" }));
    expect(await deliverAll(delivery())).toEqual({ sent: 2, retry: 0, failed: 0 });
    expect(await stored("comment")).toMatchObject({ result: { needed: { made: "pr" } } });

    trouble.before = fail(new ForgeError("refused", "no commits between", { status: 422 }));
    await enqueue(row("pr2", { stream: "s" }), row("comment2", { stream: "s", needsKey: "pr2" }));
    await deliverAll(delivery());
    expect(await stored("pr2")).toMatchObject({ state: "failed", lastError: "refused: no commits between" });
    expect(await stored("comment2")).toMatchObject({ state: "failed", lastError: "needed-write-failed" });
  });

  it("that is bad does not hold up others", async () => {
    trouble.before = (key) => {
      if (key === "bad") throw new ForgeError("gone", "no such issue", { status: 404 });
    };
    await enqueue(row("bad", { stream: "x" }), row("next", { stream: "x" }), row("other", { stream: "y" }));
    expect(await deliverAll(delivery())).toEqual({ sent: 2, retry: 0, failed: 1 });
    expect(visible.sort()).toEqual(["next", "other"]);
  });

  it("survives an outage of any length", async () => {
    trouble.before = fail(new ForgeError("unreachable", "connection refused"));
    await enqueue(row("a"));
    for (let hour = 0; hour < 60; hour += 1) {
      await deliverAll(delivery());
      clock.advance(3_600_000);
    }
    expect(await stored("a")).toMatchObject({ state: "pending", lastError: "connection refused" });
    trouble = {};
    await deliverAll(delivery());
    expect(visible).toEqual(["a"]);
  });

  it("is not tried before a limit ends", async () => {
    trouble.before = fail(new ForgeError("rate-limited", "pause", { resumeAt: clock.now() + 90_000 }));
    await enqueue(row("a"));
    expect(await deliverNext(delivery())).toBe("retry");
    trouble = {};
    clock.advance(89_999);
    expect(await deliverNext(delivery())).toBe("idle");
    clock.advance(1);
    expect(await deliverNext(delivery())).toBe("sent");
  });
});

describe("a send without a verdict", () => {
  it("that was applied is found and not sent again", async () => {
    trouble.after = fail(lost);
    await enqueue(row("a"));
    expect(await deliverNext(delivery())).toBe("retry");
    clock.advance(10_000);
    expect(await deliverNext(delivery())).toBe("sent");
    expect(calls).toEqual(["deliver a", "settle a"]);
    expect(await stored("a")).toMatchObject({ state: "sent", result: { settled: true } });
  });

  it("that was not applied is sent again", async () => {
    trouble.before = fail(lost);
    await enqueue(row("a"));
    await deliverNext(delivery());
    trouble = {};
    clock.advance(10_000);
    expect(await deliverNext(delivery())).toBe("sent");
    expect(calls).toEqual(["deliver a", "settle a", "deliver a"]);
    expect(visible).toEqual(["a"]);
  });

  it("is not settled while the forge may still be at work on it", async () => {
    trouble.before = fail(lost);
    await enqueue(row("a"));
    await deliverNext(delivery());
    clock.advance(5_000);
    expect(await deliverNext(delivery())).toBe("retry");
    expect(calls).toEqual(["deliver a"]);
    visible.push("a");
    clock.advance(5_000);
    expect(await deliverNext(delivery())).toBe("sent");
    expect(visible).toEqual(["a"]);
  });

  it("stays in need of settling while the forge cannot be read", async () => {
    trouble.after = fail(lost);
    await enqueue(row("a"));
    await deliverNext(delivery());
    for (const failure of ["unreachable", "rate-limited"] as const) {
      trouble.settling = fail(new ForgeError(failure, "not now"));
      clock.advance(60_000);
      expect(await deliverNext(delivery())).toBe("retry");
    }
    trouble = {};
    clock.advance(3_600_000);
    expect(await deliverNext(delivery())).toBe("sent");
    expect(visible).toEqual(["a"]);
  });

  it.each(["before", "after"] as const)("because the process died %s the effect ends in one effect", async (when) => {
    await enqueue(row("a"));
    // Killed: the deliverer never comes back, no verdict is written.
    const killed = new Promise<void>((reached) => {
      trouble[when] = () => {
        reached();
        throw new Promise(() => {});
      };
    });
    const dying: Delivery = {
      ...delivery("dead"),
      deliverers: {
        ...deliverers,
        comment: {
          ...deliverer,
          deliver: (one, needed) => deliverer.deliver(one, needed).catch(() => new Promise(() => {})),
        },
      },
    };
    void deliverNext(dying);
    await killed;
    trouble = {};
    expect(await deliverNext(delivery("heir"))).toBe("idle");
    clock.advance(60_000);
    expect(await deliverNext(delivery("heir"))).toBe("sent");
    expect(visible).toEqual(["a"]);
  });

  it("of what is published, that was not applied, can be taken back before it is sent again", async () => {
    const push = { kind: "push-branch", body: { branch: "b", sha: "1", expectedSha: null } } as const;
    const lostOnce = async (key: string) => {
      trouble.before = fail(lost);
      await enqueue(row(key, push));
      await deliverNext(delivery());
      trouble = {};
      clock.advance(10_000);
      expect(await deliverNext(delivery())).toBe("retry");
      expect(await stored(key)).toMatchObject({ state: "pending", sendStartedAt: null });
      expect(await deliverNext(delivery())).toBe("idle");
      return (await stored(key))?.id ?? 0;
    };
    expect(await temporary.store.outbox.takeBack(await lostOnce("a"), "tick", "held")).toBe("applied");
    await lostOnce("b");
    clock.advance(5_000);
    expect(await deliverNext(delivery())).toBe("sent");
    expect(calls).toEqual(["deliver a", "settle a", "deliver b", "settle b", "deliver b"]);
    expect(visible).toEqual(["b"]);
  });

  it("of what is published is over with a definite no, and a retry can be taken back", async () => {
    trouble.before = fail(new ForgeError("refused", "protected", { status: 422 }));
    await enqueue(row("a", { kind: "push-branch", body: { branch: "b", sha: "1", expectedSha: null } }));
    expect(await deliverNext(delivery())).toBe("failed");
    const id = (await stored("a"))?.id ?? 0;
    await temporary.store.outbox.retry(id, "person");
    expect(await stored("a")).toMatchObject({ state: "pending", sendStartedAt: null });
    expect(await temporary.store.outbox.takeBack(id, "tick", "held")).toBe("applied");
  });

  it("is settled too when a person has it tried again after it failed", async () => {
    trouble.after = fail(lost);
    await enqueue(row("a"));
    await deliverNext(delivery());
    trouble.settling = fail(new ForgeError("refused", "Resource not accessible", { status: 403 }));
    clock.advance(10_000);
    expect(await deliverNext(delivery())).toBe("failed");
    trouble = {};
    await temporary.store.outbox.retry((await stored("a"))?.id ?? 0, "person");
    expect(await deliverNext(delivery())).toBe("sent");
    expect(visible).toEqual(["a"]);
  });
});

it("a deliverer that was overtaken writes no verdict", async () => {
  await enqueue(row("a"));
  let overtaken = "";
  trouble.after = () => {
    trouble = {};
    clock.advance(60_000);
  };
  const slow: Delivery = {
    ...delivery("slow"),
    deliverers: {
      ...deliverers,
      comment: {
        ...deliverer,
        async deliver(one, needed) {
          const result = await deliverer.deliver(one, needed);
          overtaken = await deliverNext(delivery("fast"));
          return result;
        },
      },
    },
  };
  expect(await deliverNext(slow)).toBe("lost");
  expect(overtaken).toBe("sent");
  expect(visible).toEqual(["a"]);
});

it("two runtimes on one store deliver each row once", async () => {
  await enqueue(...Array.from({ length: 30 }, (_, i) => row(`row-${i}`, { stream: `s${i % 7}` })));
  const second = await temporary.open();
  const counts = await Promise.all([deliverAll(delivery("one")), deliverAll(delivery("two", second.outbox))]);
  expect((counts[0]?.sent ?? 0) + (counts[1]?.sent ?? 0)).toBe(30);
  expect(new Set(visible).size).toBe(30);
  expect(visible).toHaveLength(30);
});

it("delivering stops between rows when asked to", async () => {
  await enqueue(row("a"), row("b"));
  const stop = new AbortController();
  trouble.after = () => stop.abort();
  expect(await deliverAll(delivery(), stop.signal)).toMatchObject({ sent: 1 });
  expect(visible).toEqual(["a"]);
});

describe.each([1, 2, 3, 4, 5, 6])("whatever goes wrong (seed %i)", (seed) => {
  it("each row ends in one effect, in the order of its stream", async () => {
    let state = seed * 104_729;
    const chance = (percent: number) => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return (state / 2_147_483_648) * 100 < percent;
    };
    let died = () => {};
    /** Passes, throws with or without having been applied, or never comes back. */
    const upset = async (applied: boolean): Promise<void> => {
      if (chance(12)) return new Promise(() => died());
      if (chance(12)) throw lost;
      if (!applied && chance(8)) throw new ForgeError("rate-limited", "pause", { resumeAt: clock.now() + 30_000 });
      if (!applied && chance(8)) throw new ForgeError("unreachable", "connection refused", { maybeApplied: false });
    };
    const unlucky: Deliverer = {
      async deliver({ idempotencyKey }) {
        await upset(false);
        visible.push(idempotencyKey);
        await upset(true);
        return null;
      },
      async settle({ idempotencyKey }) {
        await upset(false);
        return visible.includes(idempotencyKey) ? { found: true } : null;
      },
    };
    const keys = Array.from({ length: 12 }, (_, i) => `row-${i}`);
    await enqueue(...keys.map((key, i) => row(key, { stream: `stream-${i % 3}` })));
    const byAll = Object.fromEntries(outboxKinds.map((kind) => [kind, unlucky])) as Record<OutboxKind, Deliverer>;
    for (let life = 0; life < 400; life += 1) {
      const death = new Promise<"died">((dead) => {
        died = () => dead("died");
      });
      const ended = await Promise.race([death, deliverNext({ ...delivery(`life-${life}`), deliverers: byAll })]);
      if (ended === "idle" && (await temporary.store.outbox.list({ states: ["pending"] })).length === 0) break;
      if (ended === "idle" || ended === "died") clock.advance(61_000);
    }
    expect((await temporary.store.outbox.list({})).map((one) => one.state)).toEqual(keys.map(() => "sent"));
    expect([...visible].sort()).toEqual([...keys].sort());
    for (const stream of [0, 1, 2]) {
      const inStream = (key: string) => Number(key.slice(4)) % 3 === stream;
      expect(visible.filter(inStream)).toEqual(keys.filter(inStream));
    }
  });
});
