import { describe, expect, test } from "vitest";
import { type ParsedEnding, piBackend, type SessionEvent } from "./index.ts";

const now = Date.UTC(2026, 10, 21, 12);

/** Lines as pi 0.87.1 printed them, shortened. */
const session = { type: "session", version: 3, id: "p-1", cwd: "/tree" };
const usage = { input: 1000, output: 34, cacheRead: 200, cacheWrite: 0, totalTokens: 1234, cost: { total: 0.001088 } };
const nothing = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0, cost: { total: 0 } };
const assistant = (stopReason: string, content: readonly object[], more: object = {}) => ({
  type: "message_end",
  message: { role: "assistant", content, usage, stopReason, ...more },
});
const text = (words: string) => [{ type: "text", text: words }];
const calling = assistant("toolUse", [{ type: "toolCall", id: "call_1", name: "bash", arguments: { command: "ls" } }]);
const turn = [
  session,
  { type: "agent_start" },
  { type: "turn_start" },
  { type: "message_end", message: { role: "user", content: text("Write hello.txt.") } },
  calling,
  { type: "tool_execution_start", toolCallId: "call_1", toolName: "bash", args: { command: "ls" } },
  { type: "tool_execution_end", toolCallId: "call_1", toolName: "bash", result: {}, isError: false },
  { type: "turn_end", message: calling.message },
  assistant("stop", text("DONE: wrote hello.txt")),
  { type: "agent_end", messages: [], willRetry: false },
];
const settled = { type: "agent_settled" };
const failed = (errorMessage: string) => assistant("error", [], { usage: nothing, errorMessage });
const vendor = (status: number, code: string, message: string) =>
  failed(`${status}: ${JSON.stringify({ message, type: code, code })}`);

function parse(
  lines: readonly (object | string)[],
  exitCode: number | null = 0,
  { resumed = null as string | null, stderr = [] as readonly string[], at = () => now } = {},
): { readonly events: readonly SessionEvent[]; readonly ending: ParsedEnding } {
  const parser = piBackend.createParser(at, resumed === null ? null : { nativeSessionId: resumed, usageBefore: {} });
  const events = lines.flatMap((line) => parser.push(typeof line === "string" ? line : JSON.stringify(line)));
  for (const line of stderr) parser.pushErrorLine?.(line);
  return { events, ending: parser.end({ exitCode, signal: null }) };
}

test("a turn with a tool is good, and its usage is the sum of its messages", () => {
  const { events, ending } = parse([...turn, settled]);
  const kinds = ["started", "usage", "tool-start", "tool-end", "message", "usage", "result"];
  expect(events.map(({ kind }) => kind)).toEqual(kinds);
  expect(events[1]).toMatchObject({ usage: { inputTokens: 1200, outputTokens: 34 } });
  expect(events[2]).toMatchObject({ tool: "bash", id: "call_1", detail: '{"command":"ls"}' });
  expect(ending).toEqual({
    good: true,
    failureReason: null,
    usage: { inputTokens: 2400, cachedInputTokens: 400, outputTokens: 68, costUsd: expect.closeTo(0.002176, 9) },
    nativeSessionId: "p-1",
    summary: "DONE: wrote hello.txt",
    retryAt: null,
  });
});

test("a cost of nothing is none: it does not know the model's price", () => {
  const { ending } = parse([
    session,
    assistant("stop", text("DONE"), { usage: { ...usage, cost: { total: 0 } } }),
    settled,
  ]);
  expect(ending.usage).toEqual({ inputTokens: 1200, cachedInputTokens: 200, outputTokens: 34 });
});

test("a message that is being written is not read, and shows now and then that the work goes on", () => {
  let at = now;
  const update = `{"type":"message_update","usage":{},"assistantMessageEvent":{"type":"text_delta","delta":"${"x".repeat(100)}`;
  const flood = Array.from({ length: 10_000 }, () => update);
  const parser = piBackend.createParser(() => at);
  const events = flood.flatMap((line) => {
    at += 1;
    return parser.push(line);
  });
  expect(events.map(({ kind }) => kind)).toEqual(["usage", "usage"]);
});

describe("a bad end, with exit code 0", () => {
  test.each([
    ["status 401", vendor(401, "invalid_api_key", "Incorrect API key provided"), "auth-401"],
    ["status 403", vendor(403, "forbidden", "Forbidden"), "auth-failure"],
    ["status 429", vendor(429, "rate_limit_exceeded", "Rate limit reached"), "provider-quota-limit"],
    ["a spent quota", vendor(429, "insufficient_quota", "You exceeded your current quota."), "provider-quota-limit"],
    ["status 529", vendor(529, "overloaded_error", "Overloaded"), "provider-error"],
    ["a status alone", failed("418: {}"), "provider-error"],
    [
      "a full context",
      vendor(400, "context_length_exceeded", "This model's maximum context length is 8 tokens."),
      "context-length-exceeded",
    ],
    ["an unknown model", vendor(404, "model_not_found", "The model `nope` does not exist."), "model-unavailable"],
    ["a connection that was reset", failed("terminated"), "network-connection"],
    ["nobody there", failed("Connection error."), "network-connection"],
    ["no answer", failed("Request timed out."), "network-connection"],
    [
      "an answer that is no JSON",
      failed("Unterminated string in JSON at position 20 (line 1 column 21)"),
      "provider-error",
    ],
    ["a filter", failed("Provider finish_reason: content_filter"), "provider-error"],
    ["an answer that was cut", assistant("length", text("I beg")), "worker-exit-failed"],
    ["an abort", assistant("aborted", []), "worker-exit-failed"],
  ] as const)("by %s", (_what, message, reason) => {
    expect(parse([session, message, settled]).ending).toMatchObject({ good: false, failureReason: reason });
  });

  test("names when a limit ends, and says it in the vendor's words", () => {
    const limit = vendor(429, "rate_limit_exceeded", "Rate limit reached. Please try again in 1 hour");
    expect(parse([session, limit, settled]).ending).toMatchObject({
      retryAt: now + 3_600_000,
      retrySource: "text",
      summary: "429: Rate limit reached. Please try again in 1 hour",
    });
  });

  test("a failure that it got over is none", () => {
    const retry = { type: "auto_retry_start", attempt: 1, maxAttempts: 3, delayMs: 2000, errorMessage: "terminated" };
    const { events, ending } = parse([session, failed("terminated"), retry, ...turn.slice(1), settled]);
    expect(ending).toMatchObject({ good: true, failureReason: null });
    expect(events).toContainEqual({ at: now, kind: "error", message: "terminated", transient: true });
  });

  test("without a word that it is over", () => {
    expect(parse(turn).ending).toMatchObject({ good: false, failureReason: "no-terminal-event" });
    expect(parse([...turn, settled], 1).ending.good).toBe(false);
  });

  test("before its start, in its own words", () => {
    const stderr = ["No API key found for anthropic.", "", "Use /login to log into a provider"];
    expect(parse([session], 1, { stderr }).ending).toMatchObject({
      failureReason: "auth-failure",
      summary: "No API key found for anthropic.; exit code 1",
    });
    const unknown = ['Error: Model "nope/none" not found. Use --list-models to see available models.'];
    expect(parse([], 1, { stderr: unknown, resumed: "p-1" }).ending.failureReason).toBe("model-unavailable");
    expect(parse([], 127).ending.failureReason).toBe("agent-not-found");
  });

  test("a conversation it does not know", () => {
    const stderr = ["No session found matching 'p-0'"];
    expect(parse([], 1, { stderr, resumed: "p-0" }).ending.failureReason).toBe("resume-refused");
  });
});

describe("what it is started with", () => {
  const context = { promptFile: "/run/prompt.md", runDir: "/run", cwd: "/tree", stateDir: "/state" };
  const command = (model: string | null, settings: object, resume: string | null = null) => {
    const { command: started, files = [] } = piBackend.command({
      ...{ ...context, model, resume },
      settings: piBackend.settings.parse({ model, ...settings }),
    });
    const models = files.find(({ path }) => path === "/state/pi/models.json");
    return { args: started.args.join(" "), models: models ? JSON.parse(models.text).providers : null };
  };

  test("one of its own models needs nothing more", () => {
    expect(command("anthropic/claude-sonnet-4-5", {})).toMatchObject({ models: null });
    expect(command("anthropic/claude-sonnet-4-5", {}).args).toContain("--model anthropic/claude-sonnet-4-5");
    expect(command("sonnet", {}).args).toContain("--model sonnet");
  });

  test("an address brings the model, its price and the name of its key along", () => {
    const { args, models } = command("ours/big/model", { base_url: "http://127.0.0.1:9/v1", price: { input: 3 } });
    expect(args).toContain("--model ours/big/model");
    const cost = { input: 3, output: 0, cacheRead: 0, cacheWrite: 0 };
    expect(models.ours).toMatchObject({
      api: "openai-completions",
      apiKey: "$OPENAI_API_KEY",
      models: [{ id: "big/model", cost }],
    });
    expect(command("m", { base_url: "http://127.0.0.1:9" }).models.custom.models[0].id).toBe("m");
    expect(piBackend.lacks?.(piBackend.settings.parse({ base_url: "http://127.0.0.1:9" }))).toMatchObject({
      key: "model",
    });
  });

  test("a key of another name is named, never written", () => {
    expect(command("anthropic/m", { api_key_env: "OUR_KEY" }).models).toEqual({ anthropic: { apiKey: "$OUR_KEY" } });
  });

  test("goes on with a copy of the conversation, in its own folder of sessions", () => {
    const { args } = command(null, {}, "p-1");
    expect(args).toContain("--session-dir /state/pi/sessions");
    expect(args).toContain("--fork p-1");
    expect(args).not.toContain("--model");
  });
});
