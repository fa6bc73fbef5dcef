import { describe, expect, test } from "vitest";
import { modelFacts } from "./ask-server.ts";
import { boundOutput } from "./bound-output.ts";
import type { Turn } from "./chat.ts";
import { failureOf, refusalOf } from "./judge-answer.ts";
import { judgeTurn } from "./judge-turn.ts";
import { readOptions } from "./program-options.ts";
import { createTurnReader } from "./read-turn.ts";
import { createRepeatWatch } from "./spot-repeats.ts";
import { readCall } from "./tools.ts";

const answered = (status: number, body: object | string, retryAfter: string | null = null) =>
  ({
    kind: "answered",
    status,
    retryAfter,
    body: typeof body === "string" ? body : JSON.stringify(body),
    wasCut: false,
  }) as const;

describe("a request without an answer", () => {
  test.each([
    [answered(401, { error: "unauthorized" }), "auth-401", false],
    [answered(403, { error: "forbidden" }), "auth-failure", false],
    [answered(429, { error: "too many" }), "provider-quota-limit", false],
    [answered(404, { error: "model 'm' not found" }), "model-unavailable", false],
    [answered(404, "404 page not found"), "provider-error", false],
    [answered(400, { error: "the input length exceeds the context length" }), "context-length-exceeded", false],
    [answered(400, { error: { message: "bad options" } }), "provider-error", false],
    [answered(503, { error: "server busy" }), "provider-error", true],
    [{ kind: "failed", how: "network", message: "the connection was reset" } as const, "network-connection", true],
    [{ kind: "failed", how: "silent", message: "2 s" } as const, "network-connection", false],
  ] as const)("%j is %s", (answer, reason, isTransient) => {
    expect(failureOf(answer, "m")).toMatchObject({ reason, isTransient });
  });

  test("says until when, in seconds or as a date", () => {
    expect(failureOf(answered(429, {}, "120"), "m").retryAfterSeconds).toBe(120);
    expect(failureOf(answered(429, {}, "Wed, 21 Oct 2026 07:28:00 GMT"), "m").retryAt).toBe("2026-10-21T07:28:00.000Z");
    expect(failureOf(answered(429, {}, "soon"), "m")).toMatchObject({ retryAfterSeconds: null, retryAt: null });
  });

  test("may be one that is taken without tools or without thinking", () => {
    expect(refusalOf(answered(400, { error: "registry.ollama.ai/library/m does not support tools" }))).toBe("no-tools");
    expect(refusalOf(answered(400, { error: '"m" does not support thinking' }))).toBe("no-thinking");
    expect(refusalOf(answered(500, { error: "m does not support tools" }))).toBeNull();
  });
});

const turn = (change: Partial<Turn>): Turn => ({
  ...{ content: "", thinking: "", calls: [], isDone: true, doneReason: "stop", promptTokens: 0, outputTokens: 0 },
  ...{ malformedLines: 0, error: null },
  ...change,
});
const worked = { hasUsedTools: true, wasTold: false, wasCut: false };

describe("an answer", () => {
  test.each([
    ["of the API's calls", turn({ calls: [{ name: "x", arguments: {} }] }), worked, "calls"],
    ["with a call in its text", turn({ content: '{"name":"list_files","arguments":{}}' }), worked, "calls"],
    ["that says it is done", turn({ content: "Done." }), worked, "final"],
    [
      "that only announces, before any tool was used",
      turn({ content: "I will." }),
      { ...worked, hasUsedTools: false },
      "again",
    ],
    [
      "that only talks after it was told",
      turn({ content: "No." }),
      { ...worked, hasUsedTools: false, wasTold: true },
      "final",
    ],
    ["that is empty", turn({ content: "<think>hm</think>" }), worked, "again"],
    ["that was cut by its limit", turn({ content: "and then", doneReason: "length" }), worked, "again"],
    ["that we cut", turn({ content: "and then" }), { ...worked, wasCut: true }, "again"],
  ] as const)("%s", (_name, said, state, kind) => {
    expect(judgeTurn(said, state).kind).toBe(kind);
  });
});

test("lines of an answer are put together, and what is none is counted", () => {
  const reader = createTurnReader();
  const lines = [
    '{"message":{"role":"assistant","content":"","thinking":"hm"},"done":false}',
    '{"message":{"content":"Do"},"done":false}',
    "<html>",
    '{"message":{"content":"ne","tool_calls":[{"function":{"name":"run_command","arguments":"{\\"command\\":\\"ls\\"}"}}]}}',
    '{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":12,"eval_count":3}',
  ];
  for (const line of lines) reader.push(line);
  expect(reader.turn()).toEqual({
    ...{ content: "Done", thinking: "hm", isDone: true, doneReason: "stop", promptTokens: 12, outputTokens: 3 },
    calls: [{ name: "run_command", arguments: { command: "ls" } }],
    ...{ malformedLines: 1, error: null },
  });
});

describe("a call", () => {
  test.each([
    [
      { name: "bash", arguments: { cmd: "ls" } },
      { tool: "run_command", command: "ls" },
    ],
    [{ name: "run_command", arguments: { command: ["bash", "-lc", "ls -l"] } }, { command: "ls -l" }],
    [{ name: "run_command", arguments: { command: ["echo", "it's"] } }, { command: "echo 'it'\\''s'" }],
    [
      { name: "functions.read_file", arguments: { file_path: "a", from_line: "3" } },
      { path: "a", from: 3 },
    ],
    [{ name: "write_file", arguments: { path: "a.json", content: { a: 1 } } }, { content: '{\n  "a": 1\n}\n' }],
    [{ name: "write_file", arguments: { path: "a", content: "" } }, { content: "" }],
    [
      { name: "edit", arguments: { path: "a", old_string: "x", new_string: "" } },
      { oldText: "x", newText: "" },
    ],
  ])("%j is taken", (asked, call) => {
    expect(readCall(asked)).toMatchObject({ ok: true, call });
  });

  test.each([
    [{ name: "browse", arguments: {} }, /no tool "browse".*run_command/],
    [{ name: "write_file", arguments: { path: "a" } }, /needs "content"; the call gave path/],
    [{ name: "run_command", arguments: {} }, /needs "command"; the call gave nothing/],
  ])("%j is answered so that the model can mend it", (asked, problem) => {
    expect(readCall(asked)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });
});

test("the same call with the same result is told at the third time and given up at the sixth", () => {
  const watch = createRepeatWatch();
  const kinds = Array.from(
    { length: 6 },
    (_, n) => watch({ name: "a", arguments: n % 2 ? { x: 1, y: 2 } : { y: 2, x: 1 } }, "r").kind,
  );
  expect(kinds).toEqual(["new", "new", "told", "told", "told", "lost"]);
  const other = createRepeatWatch();
  expect(Array.from({ length: 9 }, (_, n) => other({ name: "a", arguments: {} }, `${n}`).kind)).not.toContain("told");
});

test("output is cut in the middle, by lines and by bytes, and says how much", () => {
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`).join("\n");
  const cut = boundOutput(lines, { lines: 9, bytes: 10_000 });
  expect(cut).toMatch(/^line 0\nline 1\nline 2\n\[\.\.\. 91 lines left out here/);
  expect(cut).toMatch(/line 99$/);
  const bytes = boundOutput("é".repeat(5_000), { lines: 10, bytes: 300 });
  expect(bytes).toContain("[... 9700 bytes left out here ...]");
  expect(bytes).not.toContain("\uFFFD");
  expect(Buffer.byteLength(bytes)).toBeLessThan(400);
});

test("a model's context is what its own file sets, else what it was made for, within reason", () => {
  const info = { "qwen2.context_length": 131_072 };
  expect(modelFacts({ parameters: "stop x\nnum_ctx   8192", model_info: info })).toEqual({
    hasTools: null,
    numCtx: 8192,
  });
  expect(modelFacts({ model_info: info, capabilities: ["completion"] })).toEqual({ hasTools: false, numCtx: 32_768 });
  expect(modelFacts({})).toEqual({ hasTools: null, numCtx: null });
});

test("the program's options are read, and what is wrong with them is said", () => {
  expect(readOptions(["--model", "m", "--state", "/s", "--base-url", "http://h:1/x/", "--think=low"])).toMatchObject({
    ...{ model: "m", baseUrl: "http://h:1/x", think: "low", maxTurns: 60, numCtx: null, commandTimeoutMs: 240_000 },
  });
  expect(readOptions(["--state", "/s"])).toMatch(/--model is missing/);
  expect(readOptions(["--model", "m", "--state", "/s", "--max-turns", "many"])).toMatch(/--max-turns takes a number/);
  expect(readOptions(["--model", "m", "--tool"])).toMatch(/tool/);
});
