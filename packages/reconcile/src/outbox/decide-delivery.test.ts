import { ForgeError } from "@agent-control-plane/core";
import { describe, expect, it } from "vitest";
import { decideDelivery, type FailedTry } from "./decide-delivery.ts";

const now = 1_000_000;
const decide = (error: unknown, extra: Partial<FailedTry> = {}) =>
  decideDelivery({ error, phase: "sending", tries: 1, now, ...extra });

describe("after a failed try", () => {
  it.each([1, 5, 50, 5000])("an outage never uses a row up (try %i)", (tries) => {
    const decision = decide(new ForgeError("unreachable", "down", { maybeApplied: false }), { tries });
    expect(decision).toMatchObject({ kind: "retry", maybeApplied: false });
  });

  it("waits longer each time, up to an hour", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 1000].map((tries) => {
      const decision = decide(new ForgeError("unreachable", "down"), { tries });
      return decision.kind === "retry" ? (decision.nextAt - now) / 1000 : null;
    });
    expect(waits).toEqual([5, 15, 60, 300, 900, 3600, 3600, 3600]);
  });

  it("a limit is waited out to its very end", () => {
    const limit = new ForgeError("rate-limited", "pause", { resumeAt: now + 123_456 });
    expect(decide(limit, { tries: 99 })).toMatchObject({ kind: "retry", nextAt: now + 123_456, maybeApplied: false });
  });

  it("a definite no fails the row with the forge's words", () => {
    expect(decide(new ForgeError("refused", "Title is too long", { status: 422 }))).toEqual({
      kind: "fail",
      maybeApplied: false,
      error: "refused: Title is too long",
    });
    expect(decide(new ForgeError("gone", "No such issue", { status: 404 }))).toMatchObject({
      kind: "fail",
      maybeApplied: false,
      error: "gone: No such issue",
    });
  });

  it("a no that has a name of its own begins with that", () => {
    const moved = new ForgeError("refused", "expected a, found b", { status: 409, code: "head-moved" });
    expect(decide(moved)).toEqual({ kind: "fail", maybeApplied: false, error: "head-moved: expected a, found b" });
    expect(decide(moved, { phase: "settling" })).toMatchObject({ kind: "fail", maybeApplied: true });
  });

  it("a wrong token says nothing about the row", () => {
    const refused = new ForgeError("refused", "Bad credentials", { status: 401 });
    expect(decide(refused)).toMatchObject({ kind: "retry", maybeApplied: false });
    expect(decide(refused, { phase: "settling" })).toMatchObject({ kind: "retry", maybeApplied: true });
  });

  it("a write whose reply was lost is settled before it is sent again", () => {
    expect(decide(new ForgeError("unreachable", "lost", { maybeApplied: true }))).toMatchObject({ maybeApplied: true });
  });

  it("what could not be settled stays in need of settling", () => {
    for (const failure of ["unreachable", "rate-limited"] as const) {
      expect(decide(new ForgeError(failure, "?"), { phase: "settling" })).toMatchObject({ maybeApplied: true });
    }
  });

  it("a fault of ours gets ten tries and counts as maybe applied", () => {
    expect(decide(new TypeError("x is not a function"))).toMatchObject({ kind: "retry", maybeApplied: true });
    expect(decide(new TypeError("x is not a function"), { tries: 10 })).toEqual({
      kind: "fail",
      maybeApplied: true,
      error: "fault: x is not a function",
    });
  });
});
