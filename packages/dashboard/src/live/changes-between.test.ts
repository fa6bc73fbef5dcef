import { describe, expect, it } from "vitest";
import { applyChanges } from "./apply-changes.ts";
import { changesBetween } from "./changes-between.ts";
import type { Document } from "./document.ts";

const documents = (all: Readonly<Record<string, Document>>) => new Map(Object.entries(all));

describe("what differs of documents", () => {
  it("is nothing when they say the same, whether or not they are the same objects", () => {
    const host = { cooldowns: [{ until: 5 }] };
    expect(changesBetween(documents({ host }), documents({ host }))).toEqual([]);
    expect(changesBetween(documents({ host }), documents({ host: structuredClone(host) }))).toEqual([]);
  });

  it("is the fields that changed, and not those beside them", () => {
    const before = documents({ "profile:web": { state: "ready", live: [], writes: { pending: [] } } });
    const after = documents({ "profile:web": { state: "ready", live: [{ id: "s1" }], writes: { pending: [] } } });
    expect(changesBetween(before, after)).toEqual([{ key: "profile:web", set: { live: [{ id: "s1" }] } }]);
  });

  it("names fields and documents that are gone", () => {
    const before = documents({ host: { a: 1 }, "profile:web": { error: "no", state: "x" } });
    const after = documents({ "profile:web": { state: "x" } });
    expect(changesBetween(before, after)).toEqual([
      { key: "profile:web", set: {}, gone: ["error"] },
      { key: "host", set: null },
    ]);
  });

  it("applied to what a reader has, gives what there is, whatever happened", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const made = (): ReadonlyMap<string, Document> =>
      new Map(
        ["host", "profile:a", "profile:b"].flatMap((key): [string, Document][] => {
          if (random(4) === 0) return [];
          const fields = ["x", "y", "__proto__", "z"].filter(() => random(3) > 0);
          return [[key, Object.fromEntries(fields.map((field) => [field, [random(2)]]))]];
        }),
      );
    let before = made();
    let shown = Object.fromEntries(before);
    for (let step = 0; step < 500; step += 1) {
      const after = made();
      shown = { ...applyChanges(shown, JSON.parse(JSON.stringify(changesBetween(before, after)))) };
      expect(JSON.parse(JSON.stringify(shown))).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(after))));
      before = after;
    }
  });
});
