import { setTimeout as later } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Frame } from "./change-log.ts";
import type { Documents } from "./document.ts";
import { LiveState } from "./live-state.ts";

function liveState() {
  let documents: Documents = new Map([["host", { n: 0 }]]);
  const seen = { reads: 0 };
  const source = {
    read: async () => {
      seen.reads += 1;
      await later(1);
      return documents;
    },
  };
  const clock = { now: () => 0, sleep: async () => later(2) };
  const live = new LiveState({ source, clock: clock as never, log: {} as never, epoch: "e", lookMs: 2 });
  const set = (n: number) => {
    documents = new Map([["host", { n }]]);
  };
  return { live, seen, set };
}

describe("the live state", () => {
  it("is read when somebody asks, once for all who ask at the same time, and not otherwise", async () => {
    const { live, seen } = liveState();
    await later(20);
    expect(seen.reads).toBe(0);
    await Promise.all([live.current(), live.current(), live.current()]);
    expect(seen.reads).toBe(1);
  });

  it("tells each follower each change once, and looks no more when the last one is gone", async () => {
    const { live, seen, set } = liveState();
    const told: Frame[][] = [[], []];
    const followers = await Promise.all(told.map((frames) => live.follow(null, (frame) => frames.push(frame))));
    for (const n of [1, 2]) {
      set(n);
      while (told.some((frames) => frames.at(-1)?.changes[0]?.set?.n !== n)) await later(1);
    }
    expect(told[0]?.map(({ changes }) => changes)).toEqual([1, 2].map((n) => [{ key: "host", set: { n } }]));
    expect(told[1]).toEqual(told[0]);
    for (const { stop } of followers) stop();
    await later(20);
    const { reads } = seen;
    await later(30);
    expect(seen.reads).toBe(reads);
  });

  it("gives who comes back what was missed, or everything when that is not known", async () => {
    const { live, set } = liveState();
    const { id } = await live.current();
    set(5);
    const back = await live.follow(id, () => {});
    expect(back.missed?.map(({ changes }) => changes)).toEqual([[{ key: "host", set: { n: 5 } }]]);
    const lost = await live.follow("other-1", () => {});
    expect(lost.missed).toBeNull();
    expect(lost.state.documents.get("host")).toEqual({ n: 5 });
    back.stop();
    lost.stop();
  });
});
