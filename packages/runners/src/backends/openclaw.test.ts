import { describe, expect, test } from "vitest";
import { openclawBackend } from "./index.ts";

const now = 1_800_000_000_000;

function parse(answer: object | null, errorLines: readonly string[] = [], exitCode: number | null = 0) {
  const parser = openclawBackend.createParser(() => now);
  const waits = errorLines.flatMap((line) => parser.pushErrorLine?.(line) ?? []);
  const lines = answer === null ? [] : JSON.stringify(answer, null, 2).split("\n");
  const events = [...waits, ...lines.flatMap((line) => parser.push(line))];
  return { events, ending: parser.end({ exitCode, signal: exitCode === null ? "SIGTERM" : null }) };
}

/** As the real program printed it. */
const good = {
  ...{ ok: true, status: "ok", final: "DONE: wrote hello.txt", payloads: [{ text: "DONE", mediaUrl: null }] },
  usage: { input: 2000, output: 68, cacheRead: 400, cacheWrite: 0, reasoningTokens: 20, total: 2468 },
  ...{ costUsd: 0.002176, assistantTurns: 2, toolSummary: { calls: 1, tools: ["exec"], failures: 0 } },
  ...{ model: "fake-model", provider: "fake", sessionId: "3f9881b9" },
};
const failed = (error: object, status = "error") => ({ ok: false, status, final: "", payloads: [], error });
const wait = (reason: string, ms: number) =>
  `[agent/embedded] transient same-model retry 1/9 for fake/fake-model reason=${reason}: delayMs=${ms}`;

test("an answer over many lines is a good end, with its usage", () => {
  const { events, ending } = parse(good);
  const usage = { inputTokens: 2000, cachedInputTokens: 400, outputTokens: 68, costUsd: 0.002176 };
  expect(ending).toMatchObject({ good: true, nativeSessionId: "3f9881b9", usage, summary: good.final });
  expect(events.map(({ kind }) => kind)).toEqual(["started", "usage", "message", "result"]);
  expect(parse(good, [], 1).ending.good).toBe(false);
});

test.each([
  ["auth-401", failed({ kind: "exception", message: "Authentication failed (provider returned HTTP 401)." })],
  ["context-length-exceeded", failed({ kind: "context_overflow", message: "long" })],
  ["network-connection", failed({ kind: "timeout", message: "" }, "timeout")],
  ["provider-error", failed({ kind: "incomplete_turn", message: "Error reading response: malformed event." })],
  ["worker-exit-failed", failed({ kind: "incomplete_turn", message: "nothing was said" })],
  ["worker-exit-failed", failed({ kind: "exception", message: "something new" })],
  ["no-terminal-event", null],
])("%s", (failureReason, answer) => {
  expect(parse(answer, [], 1).ending).toMatchObject({ good: false, failureReason });
});

describe("its log", () => {
  test("says that it waits, and until when", () => {
    const { events, ending } = parse(null, [wait("rate_limit", 3_600_000)], null);
    const until = now + 3_600_000;
    expect(events).toMatchObject([{ kind: "provider-wait", reason: "provider-quota-limit", until }]);
    expect(ending).toMatchObject({ failureReason: "provider-quota-limit", retryAt: until });
    expect(parse(null, [wait("overloaded", 4_000)], null).events).toMatchObject([
      { reason: "provider-error", until: null },
    ]);
  });

  test("is believed for an hour: what a tool said over several lines stands there as well", () => {
    const { events, ending } = parse(
      null,
      ["[tools] exec failed: it printed", wait("rate_limit", 8 * 86_400_000)],
      null,
    );
    expect(events).toMatchObject([{ kind: "provider-wait", until: now + 3_600_000 }]);
    expect(ending).toMatchObject({ failureReason: "provider-quota-limit", retryAt: now + 3_600_000 });
  });

  test("is nothing else: what a tool printed with such words in it is no wait", () => {
    expect(parse(null, [`echo ${wait("rate_limit", 1)}`, "rate_limit delayMs=3600000"]).events).toEqual([]);
  });
});

test("the configuration names the key's variable, and never a key", () => {
  const settings = openclawBackend.settings.parse({ model: "m", base_url: "http://127.0.0.1:1/v1" });
  const context = { model: "m", promptFile: "/p", runDir: "/r", cwd: "/w", stateDir: "/s", settings };
  const { command, files } = openclawBackend.command(context);
  expect(command.args.join(" ")).toContain("--model custom/m");
  const config = JSON.parse(files?.[0]?.text ?? "");
  expect(config.models.providers.custom).toMatchObject({ apiKey: "$" + "{OPENAI_API_KEY}", api: "openai-completions" });
  expect(openclawBackend.lacks?.({ model: null })?.key).toBe("model");
});
