import { ManualClock, storeProblems } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { aFlow, aPlan, aTask, done, failed, flowId, submit, wordsFor } from "./flow-examples.ts";

const asks = (id: string, more: Parameters<typeof aTask>[1] = {}) => aTask(id, { onFail: "ask", ...more });

it("an answer unblocks the task that its decision names, and no other", async () => {
  const { store, play, states, openDecision, told } = await aFlow([
    asks("a"),
    asks("b"),
    aTask("c", { dependsOn: ["a"] }),
  ]);
  await play("a", failed);
  await play("b", failed);
  expect(await states()).toBe("a:asking b:asking c:waiting");
  const [a, b] = [await openDecision("a"), await openDecision("b")];
  expect(a).toMatchObject({
    question: "Task a failed: exit code 1. What now?",
    options: ["retry", "continue", "skip", "fail"],
  });
  expect(await store.flows.decide({ flowId, ref: a.ref, answer: "retry", by: "ann" })).toEqual({ kind: "applied" });
  expect(await states()).toBe("a:queued b:asking c:waiting");
  expect(await openDecision("b")).toEqual(b);
  expect(await told()).toContain("DECISION_NEEDED:a");
  expect(await storeProblems(store)).toEqual([]);
});

it("late, repeated, foreign and unknown answers are refused with a reason, and change nothing", async () => {
  const { store, play, states, openDecision } = await aFlow([asks("a"), asks("b")]);
  await submit(store, aPlan([asks("z")]), "f2");
  const other = wordsFor(store, "f2");
  await play("a", failed);
  await play("b", failed);
  await other.play("z", failed);
  const a = await openDecision("a");
  const refusal = async (ref: string, answer: string, of: string | null = flowId) => {
    const said = await store.flows.decide({ flowId: of, ref, answer, by: "ann" });
    return said.kind === "refused" ? said.reason : said.kind;
  };
  expect(await refusal("d0", "retry")).toBe("unknown-decision");
  expect(await refusal((await other.openDecision("z")).ref, "retry")).toBe("foreign-decision");
  expect(await refusal(a.ref, "perhaps")).toBe("unknown-answer");
  expect(await refusal(a.ref, "pass")).toBe("unknown-answer");
  expect(await states()).toBe("a:asking b:asking");
  expect(await refusal(a.ref, "skip", null)).toBe("applied");
  expect(await refusal(a.ref, "skip")).toBe("already-answered");
  const b = await openDecision("b");
  await store.flows.cancelTask(flowId, "b", "ann");
  expect(await refusal(b.ref, "retry")).toBe("decision-void");
  expect(await states()).toBe("a:failed b:cancelled");
  expect(await other.states()).toBe("z:asking");
  expect(await storeProblems(store)).toEqual([]);
});

it("a decision is answered by itself once, when its time is over", async () => {
  const clock = new ManualClock();
  const { store, open, play, states, openDecision } = await aFlow(
    [asks("a", { ask: { expiresMs: 1000, answer: "continue" } }), aTask("b", { dependsOn: ["a"] })],
    {},
    { clock },
  );
  await play("a", failed);
  const { ref, expiresAt, fallback } = await openDecision("a");
  expect([expiresAt, fallback]).toEqual([clock.now() + 1000, "continue"]);
  expect(await store.flows.expire()).toEqual({ decisions: 0, flows: 0 });
  clock.advance(1000);
  const second = await open();
  const both = await Promise.all([store.flows.expire(), second.flows.expire()]);
  expect(both.map(({ decisions }) => decisions).toSorted()).toEqual([0, 1]);
  expect(await states()).toBe("a:failed b:queued");
  expect(await store.flows.decide({ flowId, ref, answer: "fail", by: "ann" })).toMatchObject({
    reason: "decision-expired",
  });
  await play("b", done);
  expect(await store.flows.get(flowId)).toMatchObject({ state: "succeeded" });
  expect(await storeProblems(store)).toEqual([]);
});
