import { expect, it } from "vitest";
import { decideTick } from "../../src/decide/decide-tick.ts";
import type { OutboxBodies } from "../../src/index.ts";
import { randomSnapshot } from "../support/random-snapshot.ts";

const seeds = Array.from({ length: 500 }, (_, index) => index + 1);

/** What the ticks over many states write to labels. */
const writes = seeds.flatMap((seed) => {
  const given = randomSnapshot(seed);
  return decideTick(given).effects.flatMap((effect) =>
    effect.kind !== "write"
      ? []
      : effect.rows.flatMap(({ kind, body }) => {
          if (kind !== "add-labels" && kind !== "remove-labels") return [];
          const { number, labels } = body as OutboxBodies["add-labels"];
          return [{ seed, kind, subject: effect.subject, number, labels, names: given.policy.labels }];
        }),
  );
});

it("a tick writes labels to the item that they say something of, and to none that is linked to it", () => {
  expect(writes.length).toBeGreaterThan(100);
  expect(writes.filter(({ subject, number }) => subject.split(":")[1] !== String(number))).toEqual([]);
});

it("a tick takes no label off that says that a session runs, or that is a person's to set", () => {
  const wrong = writes.filter(({ kind, labels, names }) => {
    const { running, ready, hold, blocked, keepOpen, exclusive, handoff, manualFixOverride, humanApproved } = names;
    const never = [running, ready, hold, blocked, keepOpen, exclusive, handoff, manualFixOverride, humanApproved];
    return kind === "remove-labels" && labels.some((label) => never.includes(label));
  });
  expect(writes.some(({ kind }) => kind === "remove-labels")).toBe(true);
  expect(wrong).toEqual([]);
});
