import { describe, expect, test } from "vitest";
import type { ProcessExit } from "./backend.ts";
import { ollamaBackend } from "./ollama.ts";
import { createWorkerParser } from "./worker-events.ts";

const now = 1_800_000_000_000;
const well: ProcessExit = { exitCode: 0, signal: null };
const badly: ProcessExit = { exitCode: 1, signal: null };

function read(lines: readonly (object | string)[], exit: ProcessExit, needsResult = false) {
  const parser = createWorkerParser({ now: () => now, needsResult });
  const events = lines.flatMap((line) => parser.push(typeof line === "string" ? line : JSON.stringify(line)));
  return { events, ending: parser.end(exit) };
}

test("event lines are events, and any other line is a message", () => {
  const { events, ending } = read(
    [
      { kind: "started", session: "s-1", model: "m" },
      { kind: "tool-start", tool: "sh", id: "1", detail: "make" },
      { kind: "tool-end", tool: "sh", id: "1", ok: false },
      { kind: "usage", input_tokens: 10, output_tokens: 1 },
      { kind: "usage", output_tokens: 5, cost_usd: 0.02 },
      "plain words",
      { kind: "unknown" },
      { name: "no event" },
    ],
    well,
  );
  expect(events.map(({ kind }) => kind)).toEqual([
    ...["started", "tool-start", "tool-end", "usage", "usage", "message", "message", "message"],
  ]);
  expect(ending).toMatchObject({
    ...{ good: true, nativeSessionId: "s-1", summary: '{"name":"no event"}' },
    usage: { inputTokens: 10, outputTokens: 5, costUsd: 0.02 },
  });
});

describe("the end", () => {
  const result = (fields: object) => ({ kind: "result", ...fields });
  test.each([
    ["plain and 0", ["did it"], well, false, { good: true, summary: "did it" }],
    [
      "plain and 1",
      ["oh no"],
      badly,
      false,
      { good: false, failureReason: "worker-exit-failed", summary: "exit code 1: oh no" },
    ],
    ["nothing and 127", [], { exitCode: 127, signal: null }, false, { failureReason: "agent-not-found" }],
    [
      "a signal",
      [result({ ok: true })],
      { exitCode: null, signal: "SIGKILL" },
      false,
      { good: false, summary: "ended by SIGKILL" },
    ],
    ["a good result and 0", [result({ ok: true, text: "Done" })], well, true, { good: true, summary: "Done" }],
    [
      "a good result and 1",
      [result({ ok: true, text: "Done" })],
      badly,
      true,
      { good: false, failureReason: "worker-exit-failed" },
    ],
    ["a bad result and 0", [result({ ok: false, text: "no" })], well, false, { good: false, summary: "no" }],
    ["no result where one is needed", ["x"], well, true, { good: false, failureReason: "no-terminal-event" }],
    ["its own reason", [result({ ok: false, reason: "auth-401" })], badly, false, { failureReason: "auth-401" }],
    [
      "a reason of the host's",
      [result({ ok: false, reason: "lease-lost" })],
      badly,
      false,
      { failureReason: "worker-exit-failed" },
    ],
    [
      "a date",
      [result({ ok: false, retry_at: "2027-01-15T09:00:00Z" })],
      badly,
      false,
      { retryAt: Date.UTC(2027, 0, 15, 9) },
    ],
    ["seconds", [result({ ok: false, retry_after_seconds: 60 })], badly, false, { retryAt: now + 60_000 }],
  ] as const)("%s", (_name, lines, exit, needsResult, expected) => {
    expect(read(lines, exit, needsResult).ending).toMatchObject(expected);
  });
});

test("a limit that anybody may have printed is believed for an hour; that of a program alone on its stream as it is said", () => {
  const forged = { kind: "result", ok: false, reason: "usage-limit", retry_after_seconds: 8 * 86_400 };
  const seen = { kind: "rate-limit", status: "rejected", retry_at: "2099-01-01T00:00:00Z" };
  for (const lines of [[forged], [{ ...forged, retry_after_seconds: 1e300 }], [seen, forged]]) {
    expect(read(lines, badly).ending).toMatchObject({ failureReason: "usage-limit", retryAt: now + 3_600_000 });
  }
  expect(read([seen], badly).events).toMatchObject([{ kind: "rate-limit", retryAt: now + 3_600_000 }]);
  const own = ollamaBackend.createParser(() => now);
  own.push(JSON.stringify(forged));
  expect(own.end(badly).retryAt).toBe(now + 8 * 86_400_000);
});

test("a limit of Ollama's cloud is named by the server's words, and by nobody else's", () => {
  const parser = ollamaBackend.createParser(() => now);
  const words = "the model's server answered 429: you've reached your hourly usage limit, please upgrade to continue";
  parser.push(JSON.stringify({ kind: "result", ok: false, reason: "provider-quota-limit", text: words }));
  expect(parser.end(badly).failureReason).toBe("usage-limit");
  const other = ollamaBackend.createParser(() => now);
  other.push(JSON.stringify({ kind: "result", ok: false, reason: "turn-limit", text: words }));
  expect(other.end(badly).failureReason).toBe("turn-limit");
});
