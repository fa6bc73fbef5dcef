import { describe, expect, it } from "vitest";
import { ChangeLog } from "./change-log.ts";

const change = (n: number) => [{ key: "host", set: { n } }];

describe("the log of changes", () => {
  it("tells a reader who comes back what was missed, in order", () => {
    const log = new ChangeLog("a");
    const first = log.add(change(1));
    const rest = [log.add(change(2)), log.add(change(3))];
    expect(log.after(first.id)).toEqual(rest);
    expect(log.after(log.lastId)).toEqual([]);
    expect(log.after("a-0")).toHaveLength(3);
  });

  it("does not guess for a reader who was away too long, knows another start of the program, or makes ids up", () => {
    const log = new ChangeLog("a", { mostFrames: 2 });
    for (let n = 1; n <= 5; n += 1) log.add(change(n));
    expect(log.after("a-3")).toHaveLength(2);
    for (const id of ["a-2", "b-4", "a-6", "a--1", "a-x", "", "a-1e3"]) expect(log.after(id)).toBeNull();
  });

  it("forgets frames when their text gets large, and keeps the newest", () => {
    const log = new ChangeLog("a", { mostBytes: 1_000 });
    for (let n = 0; n < 10; n += 1) log.add([{ key: "host", set: { text: "x".repeat(400) } }]);
    expect(log.after("a-8")).toHaveLength(2);
    expect(log.after("a-7")).toBeNull();
    log.add([{ key: "host", set: { text: "x".repeat(5_000) } }]);
    expect(log.after("a-10")).toHaveLength(1);
  });
});
