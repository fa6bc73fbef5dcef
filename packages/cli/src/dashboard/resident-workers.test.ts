import type { Ending, LastSpeaker } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { residentWorkers } from "./resident-workers.ts";

const now = 1_000_000;
const hour = 3_600_000;

const ending = {
  ...{ failureReason: null, nativeSessionId: "01a1fcff-b5f3", processes: { killed: 0, survivors: 0 } },
  endedAt: now - 1_000,
} as Partial<Ending> as Ending;

const speaker = (number: number, over: Partial<LastSpeaker> = {}): LastSpeaker => ({
  ...{ id: `s${number}`, taskId: number, subject: `issue:${number}`, lane: "issue-implementation" },
  ...{ backend: "claude", model: "opus", state: "concluded", outcome: "try-again", conversationId: `c${number}` },
  ...{ intendedAt: now - 9_000, startedAt: now - 8_000, endedAt: now - 999, sessions: 2, ending },
  ...over,
});

const open = (...numbers: readonly number[]) =>
  ({ decisions: numbers.map((number) => ({ subject: `issue:${number}` })), tasks: [] }) as never;

const shown = (speakers: readonly LastSpeaker[], resumeMs: number | null = hour) =>
  residentWorkers(speakers, open(1, 2, 3), { resumeMs }, now);

it("one that rests says when it worked last and until when it is kept, one at work since when it is", () => {
  expect(shown([speaker(1, { state: "running", outcome: null, endedAt: null, ending: null }), speaker(2)])).toEqual([
    {
      ...{ id: "c1", subject: "issue:1", lane: "issue-implementation", backend: "claude", model: "opus", sessions: 2 },
      ...{ lastSession: "s1", atWork: true, lastAt: now - 8_000, keptUntil: null },
    },
    expect.objectContaining({ id: "c2", atWork: false, lastAt: now - 1_000, keptUntil: now - 1_000 + hour }),
  ]);
});

it("what nobody can go on with is none: work that is done, an item that is settled, a conversation that is too old", () => {
  expect(shown([speaker(1, { outcome: "published" }), speaker(4)])).toEqual([]);
  expect(shown([speaker(1)], 1_000)).toEqual([]);
  expect(shown([speaker(1)], 0)).toEqual([]);
});

it("where the profile's rule is not known, nothing is said of an end", () => {
  expect(shown([speaker(1)], null)).toMatchObject([{ id: "c1", keptUntil: null }]);
});

it("an item that is no candidate any more and has a task still counts", () => {
  const rows = { decisions: [], tasks: [{ subject: "issue:1" }] } as never;
  expect(residentWorkers([speaker(1)], rows, { resumeMs: hour }, now)).toHaveLength(1);
});

it("of many the newest fifty are shown", () => {
  const many = Array.from({ length: 60 }, (_, n) => speaker(1, { conversationId: `c${n}` }));
  const all = shown(many);
  expect(all).toHaveLength(50);
  expect(all[0]?.id).toBe("c0");
});
