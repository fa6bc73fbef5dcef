import { redactedJson, rememberSecret, secretVariables } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { createWorkerParser } from "../backends/worker-events.ts";
import { redactLine } from "./redact-line.ts";

for (const secret of ["result", "100000", "hunter2-hunter2", "tools/bash"]) rememberSecret(secret);

it("an event stays an event, whatever the secrets are", () => {
  const parser = createWorkerParser({ now: () => 1 });
  const read = (line: object) => parser.push(redactLine(JSON.stringify(line)));
  expect(read({ kind: "usage", input_tokens: 100000 })).toEqual([
    { at: 1, kind: "usage", usage: { inputTokens: 100000 } },
  ]);
  expect(read({ kind: "message", text: "the key is hunter2-hunter2" })).toMatchObject([
    { text: "the key is [secret]" },
  ]);
  expect(read({ kind: "result", ok: true, text: "done" })).toMatchObject([{ kind: "result", ok: true }]);
});

it("a secret that a program spells with escapes of JSON is found, too", () => {
  const spelled = '{"kind":"message","text":"tools\\/bash and hunter2-\\u0068unter2"}';
  expect(redactLine(spelled)).toBe('{"kind":"message","text":"[secret] and [secret]"}');
});

it("any other line has none of them", () => {
  expect(redactLine("100000 hunter2-hunter2")).toBe("[secret] [secret]");
  expect(redactLine('{"cut off: hunter2-hunter2')).toBe('{"cut off: [secret]');
});

it("a JSON document stays one", () => {
  const ending = { "hunter2-hunter2": 1, summary: "the result is hunter2-hunter2" };
  expect(redactedJson(ending)).toBe('{"[secret]":1,"summary":"the [secret] is [secret]"}');
  expect(JSON.parse(redactedJson({ usage: 100000, summary: "hunter2-hunter2" }))).toEqual({
    usage: 100000,
    summary: "[secret]",
  });
});

it("how many tokens a model may write is no secret", () => {
  const env = { CLAUDE_CODE_MAX_OUTPUT_TOKENS: "128000", CI_TOKENS: "abc-abc-abc" };
  expect(secretVariables(env, Object.keys(env))).toEqual(["CI_TOKENS"]);
});
