// What the outbox says is what docs/flows.md says that it says: every type, with all of its fields and no others.
import { ManualClock } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { type FlowMessage, formatMessage, messageFields } from "../../../src/index.ts";
import { aFlow, aGraph, aTask, done, failed, flowId, says } from "./flow-examples.ts";

/** What a line of the file has that its type does not, and what it lacks. */
function faults(message: FlowMessage): readonly string[] {
  const { seq: _, at: __, type: ___, flow: ____, task: _____, ...body } = JSON.parse(formatMessage(flowId, message));
  const fields: readonly string[] = messageFields[message.type];
  const odd = Object.keys(body).filter((key) => !fields.includes(key) && !fields.includes(`${key}?`));
  const missing = fields.filter((field) => !field.endsWith("?") && !(field in body));
  const empty = Object.keys(body).filter((key) => body[key] === null || body[key] === "");
  return [...odd.map((key) => `+${key}`), ...missing.map((key) => `-${key}`), ...empty.map((key) => `${key} is empty`)];
}

/** A flow in which everything happens that is told of. */
async function everythingTold(): Promise<readonly FlowMessage[]> {
  const clock = new ManualClock();
  const ask = { expiresMs: 60_000, answer: "continue" } as const;
  const { store, play, keeper, begun, conclude, openDecision } = await aFlow(
    [
      aTask("a", { outputs: { app: "out/app" }, retry: { count: 1, backoffMs: 1000, factor: 2, maxMs: 10_000 } }),
      aTask("b", { dependsOn: ["a"] }),
      aTask("c", { dependsOn: ["a", "b"], judges: "b", rounds: 2 }),
      aTask("d", { dependsOn: ["b"], onFail: "ask", ask }),
      aTask("e", { dependsOn: ["d"] }),
      ...aGraph("f>e g>f"),
      aTask("h", { dependsOn: ["a"], onFail: "ask", priority: -5 }),
    ],
    {},
    { clock },
  );
  const lease = await keeper();
  let offset = 0;
  const line = async (said: Parameters<typeof store.flows.applyLine>[1]["said"]) => {
    offset += 10;
    const after = { fileId: offset === 10 ? null : "i", offset: offset - 10 };
    const at = { flowId, fileId: "i", offset: offset - 10, nextOffset: offset, lineNumber: offset / 10, after };
    await store.flows.applyLine(lease, { ...at, said });
  };
  await play("a", failed);
  clock.advance(2_000);
  const again = await begun();
  clock.advance(500);
  await conclude(again, { ...done, result: { made: 1 } });
  await play("b", done);
  await play("c", says("retry"));
  await play("b", done);
  await play("c", says("pass"));
  await play("d", failed);
  await play("h", failed);
  await store.flows.decide({ flowId: null, ref: (await openDecision("h")).ref, answer: "skip", by: "ann" });
  await line({ problem: "no JSON object", fix: "write one." });
  await line({ id: "1", type: "PAUSE" });
  await line({ id: "1", type: "PAUSE" });
  await line({ id: null, type: "PAUSE" });
  await line({ id: null, type: "RESUME" });
  clock.advance(100_000);
  await store.flows.expire();
  await play("e", failed);
  expect((await store.flows.get(flowId))?.state).toBe("failed");
  await store.flows.retryTask(flowId, "e", "ann");
  await play("e", done);
  await play("f", done);
  await store.flows.cancelTask(flowId, "g", "ann");
  return store.flows.messages(flowId, 0, 1000);
}

it("each type of message has the fields that the page says, of all types and in every way they come about", async () => {
  const messages = await everythingTold();
  expect(new Set(messages.map(({ type }) => type))).toEqual(new Set(Object.keys(messageFields)));
  const found = messages.flatMap((message) => faults(message).map((fault) => `${message.type} ${fault}`));
  expect(found).toEqual([]);
  // Also those that are not always there: each is, once.
  const seen = new Set(
    messages.flatMap(({ type, body }) => Object.keys(body as object).map((key) => `${type} ${key}`)),
  );
  const never = Object.entries(messageFields).flatMap(([type, fields]) =>
    fields.map((field) => `${type} ${field.replace("?", "")}`).filter((key) => !seen.has(key)),
  );
  expect(never).toEqual(["TASK_DONE reason", "TASK_FAILED result"]);
});

it("a message says which attempt it is about, how long it took and what was left", async () => {
  const messages = await everythingTold();
  const of = (type: string, task: string | null) =>
    messages.filter((each) => each.type === type && each.taskId === task).map(({ body }) => body);
  expect(of("TASK_DONE", "a")).toEqual([
    {
      ...{ attempt: 2, round: 0, durationMs: 2_500, summary: "done", result: { made: 1 } },
      outputs: { app: "/flows/f1/tasks/a/2/outputs/app" },
    },
  ]);
  expect(of("PROGRESS", "a")).toMatchObject([
    { state: "queued", reason: "exit-code", until: expect.stringMatching(/Z$/) },
  ]);
  expect(of("PROGRESS", "b")).toMatchObject([{}, { round: 1, feedback: "retry!" }, {}]);
  expect(of("TASK_FAILED", "g")).toMatchObject([
    { attempt: 0, state: "skipped", reason: "needs-skipped", summary: "It was skipped: needs-skipped." },
    { attempt: 0, state: "cancelled" },
  ]);
  expect(of("ERROR", null)).toMatchObject([
    { line: 1, code: "malformed", reason: "no JSON object", fix: "write one." },
    { line: 3, code: "repeat", command: "PAUSE", commandId: "1" },
    { line: 4, code: "flow-not-running", command: "PAUSE" },
  ]);
});
