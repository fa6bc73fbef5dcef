import { expect, it } from "vitest";
import { minute, now, quota } from "../../../test/support/snapshots.ts";
import type { Ending } from "../../domain/session.ts";
import { probeMs, provenOver, type Witness } from "./decide-proven.ts";

const resetAt = now - 10 * minute;
const limit = quota({ resetAt });
const running = (over: Partial<Witness> = {}): Witness => ({
  ...{ backend: "shell", model: null, account: "shell", kind: "agent", startedAt: now - 1_000 },
  ...{ ending: null, progressAt: null },
  ...over,
});
const ended = (over: Partial<Ending>, at = now): Witness =>
  running({ ending: { exitReason: "failed", failureReason: null, endedAt: at, ...over } as Ending });

it.each<[string, Witness, boolean]>([
  ["a session that has just started", running(), false],
  ["one that never started", running({ startedAt: null }), false],
  ["one that got on with its work since", running({ progressAt: now - 500 }), true],
  ["one that got on with its work before", running({ startedAt: now - 20 * minute, progressAt: resetAt - 1 }), true],
  ["one that has run for a while since", running({ startedAt: now - probeMs }), true],
  ["one that ended well", ended({ exitReason: "finished" }), true],
  ["one that ended well before that", ended({ exitReason: "finished" }, resetAt - 1), false],
  ["one that filled its context", ended({ failureReason: "context-length-exceeded" }), true],
  ["one that met a limit", ended({ failureReason: "usage-limit" }), false],
  ["one that never reached it", ended({ failureReason: "network-connection" }), false],
  ["one that stalled", ended({ exitReason: "stalled" }), false],
  ["one of another account", running({ account: "other", progressAt: now }), false],
  ["one of another backend", running({ backend: "codex", progressAt: now }), false],
  ["one with another model", running({ model: "opus", progressAt: now }), true],
  ["one that checks work", running({ kind: "verify", startedAt: now - probeMs }), false],
])("%s shows whether the limit is over", (_, session, isOver) => {
  expect(provenOver([limit], [session], now)).toEqual(isOver ? [limit] : []);
});

it("a limit of one model is shown by that model alone, and one that is in force by nobody", () => {
  const ofModel = quota({ model: "default", resetAt });
  expect(provenOver([ofModel], [running({ model: "opus", progressAt: now })], now)).toEqual([]);
  expect(provenOver([ofModel], [running({ progressAt: now })], now)).toEqual([ofModel]);
  expect(provenOver([quota({ resetAt: now + 1 })], [running({ progressAt: now })], now)).toEqual([]);
});

it("one that began a moment before the limit ended is not believed at once", () => {
  const old = running({ startedAt: now - 60 * minute });
  expect(provenOver([quota({ resetAt: now - 1_000 })], [old], now)).toEqual([]);
});
