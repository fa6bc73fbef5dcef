import { expect, test } from "vitest";
import { runAgentLoop } from "./agent-loop.ts";
import type { ModelAnswer } from "./ask-model.ts";
import type { AskedCall, ChatMessage, Turn } from "./chat.ts";
import { withAnswers } from "./conversation-file.ts";
import type { LoopEvent } from "./loop-event.ts";

const turn = (change: Partial<Turn>): Turn => ({
  ...{ content: "", thinking: "", calls: [], isDone: true, doneReason: "stop", promptTokens: 10, outputTokens: 2 },
  ...{ malformedLines: 0, error: null },
  ...change,
});
const call = (command: string): AskedCall => ({ name: "run_command", arguments: { command } });
const done = turn({ content: "All done." });

/** A model that says these answers one after the other, and the last one for ever. */
async function loopWith(answers: readonly (Turn | ModelAnswer)[], change: { maxTurns?: number; result?: string } = {}) {
  const events: LoopEvent[] = [];
  const asked: (readonly ChatMessage[])[] = [];
  let saved: readonly ChatMessage[] = [];
  const end = await runAgentLoop({
    model: {
      numCtx: 1_000,
      ask: async (messages) => {
        const answer = answers[Math.min(asked.length, answers.length - 1)] ?? done;
        asked.push(messages);
        return "kind" in answer ? answer : { kind: "turn", turn: answer, wasCut: false, isContextFull: false };
      },
    },
    maxTurns: change.maxTurns ?? 20,
    messages: [{ role: "user", content: "the task" }],
    runTool: async () => ({ ok: true, text: change.result ?? `result ${asked.length}` }),
    emit: (event) => events.push(event),
    save: (messages) => {
      saved = messages;
    },
    isStopped: () => false,
    nowMs: () => 0,
  });
  return { end, events, asked, saved };
}

test("tools are run until the model says that it is done, and all is saved", async () => {
  const { end, events, saved } = await loopWith([turn({ calls: [call("a"), call("b")] }), done]);
  expect(end).toEqual({ kind: "finished", text: "All done." });
  expect(saved.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool", "assistant"]);
  expect(events.filter(({ kind }) => kind === "usage").at(-1)).toEqual({
    kind: "usage",
    input_tokens: 20,
    output_tokens: 4,
  });
  expect(events.map(({ kind }) => kind)).toEqual([
    ...["usage", "tool-start", "tool-end", "tool-start", "tool-end", "usage", "message"],
  ]);
});

test("a call written as text gets its result as text", async () => {
  const { asked } = await loopWith([turn({ content: '{"name":"run_command","arguments":{"command":"a"}}' }), done]);
  expect(asked[1]?.at(-1)).toMatchObject({ role: "user", content: "Result of run_command:\nresult 1" });
  expect(asked[1]?.at(-2)).not.toHaveProperty("tool_calls");
});

test("a model that goes round in circles is told, and then given up", async () => {
  const { end, asked } = await loopWith([turn({ calls: [call("ls")] })], { result: "the same" });
  expect(end).toMatchObject({ kind: "failed", reason: "worker-exit-failed", text: expect.stringContaining("6 times") });
  expect(asked[3]?.at(-1)?.content).toContain("[You have made this very call 3 times");
});

test.each([
  ["turns", [...Array(30)].map((_, n) => turn({ calls: [call(`${n}`)] })), /over its 20 turns/],
  ["answers that lead nowhere", [turn({ content: "" })], /3 answers in a row .* it answered nothing/],
  ["answers without an end", [turn({ content: "x", doneReason: "length" })], /its answer did not end/],
])("%s are bounded", async (_name, answers, text) => {
  const { end } = await loopWith(answers);
  expect(end).toMatchObject({ kind: "failed", reason: "turn-limit", text: expect.stringMatching(text) });
});

test("more calls than are done in one answer are answered all the same", async () => {
  const { asked } = await loopWith([turn({ calls: [...Array(25)].map((_, n) => call(`${n}`)) }), done]);
  expect(asked[1]?.filter(({ role }) => role === "tool")).toHaveLength(25);
  expect(asked[1]?.at(-1)?.content).toMatch(/^Not done: at most 20/);
});

test("a failure of the server ends it with the server's reason and time", async () => {
  const failure = {
    reason: "provider-quota-limit",
    text: "429",
    isTransient: false,
    retryAfterSeconds: 60,
    retryAt: null,
  } as const;
  const { end } = await loopWith([{ kind: "failed", failure }]);
  expect(end).toMatchObject({ kind: "failed", reason: "provider-quota-limit", retry: { retryAfterSeconds: 60 } });
});

test("a conversation that was killed between its calls goes on with an answer to each of them", () => {
  const tool_calls = ["a", "b"].map((name) => ({ function: { name, arguments: {} } }));
  const killed: readonly ChatMessage[] = [
    { role: "user", content: "the task" },
    { role: "assistant", content: "", tool_calls },
    { role: "tool", tool_name: "a", content: "ok" },
  ];
  expect(withAnswers(killed).at(-1)).toMatchObject({
    role: "tool",
    tool_name: "b",
    content: expect.stringMatching(/ended/),
  });
  const whole = withAnswers(killed);
  expect(withAnswers(whole)).toEqual(whole);
});
