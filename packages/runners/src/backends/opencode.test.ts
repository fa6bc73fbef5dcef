import { describe, expect, test } from "vitest";
import { kiloBackend, opencodeBackend, type ProcessExit, type Resumed } from "./index.ts";

const now = 1_800_000_000_000;
const sessionID = "ses_1";
const usage = { inputTokens: 1000, cachedInputTokens: 200, outputTokens: 34, costUsd: 0.001088 };

function parse(lines: readonly object[], exit: Partial<ProcessExit> = {}, resumed: Resumed | null = null) {
  const parser = opencodeBackend.createParser(() => now, resumed);
  const events = lines.flatMap((line) => parser.push(JSON.stringify({ sessionID, ...line })));
  return { events, ending: parser.end({ exitCode: 0, signal: null, ...exit }) };
}

const step = (id: string, reason: string) => ({
  type: "step_finish",
  part: {
    id,
    reason,
    tokens: { input: 1000, output: 24, reasoning: 10, cache: { read: 200, write: 0 } },
    cost: 0.001088,
  },
});
const said = { type: "text", part: { text: "DONE: wrote hello.txt" } };
const tool = (status: string) => ({
  type: "tool_use",
  part: { tool: "bash", callID: "c", state: { status, input: {} } },
});
const apiError = (data: object) => ({ type: "error", error: { name: "APIError", data } });
const waits = (message: string, ms: number) => ({
  type: "acp_status",
  status: { type: "retry", attempt: 1, message, next: now + ms },
});

describe("a turn", () => {
  test("is good by its last step, with the usage of each step summed", () => {
    const { ending } = parse([step("1", "tool-calls"), said, step("2", "stop")]);
    expect(ending).toMatchObject({ good: true, failureReason: null, nativeSessionId: null, summary: said.part.text });
    expect(ending.usage).toMatchObject({ inputTokens: 2000, cachedInputTokens: 400, outputTokens: 68 });
    expect(ending.usage.costUsd).toBeCloseTo(0.002176, 9);
  });

  test("is not good at exit code 0 without an end of the model's: a permission was refused", () => {
    const { ending } = parse([tool("error"), step("1", "tool-calls")]);
    expect(ending).toMatchObject({ good: false, failureReason: "no-terminal-event" });
  });

  test("is announced by the plugin's first word", () => {
    const { events } = parse([
      { type: "acp_status", status: { type: "busy" } },
      { type: "step_start", part: {} },
    ]);
    expect(events).toEqual([{ at: now, kind: "started", nativeSessionId: sessionID, model: null }]);
  });

  test("counts what both the program and the plugin say once, and a sub-agent's step as well", () => {
    const reported = { type: "acp_step", part: step("1", "stop").part };
    const other = { type: "acp_step", sessionID: "ses_child", part: step("2", "stop").part };
    const { ending } = parse([reported, other, step("1", "tool-calls"), said, step("3", "stop")]);
    expect(ending.usage.inputTokens).toBe(3 * 1000);
    const running = { type: "acp_tool", tool: "bash", callID: "c", status: "running", input: "{}" };
    const { events } = parse([running, { ...running, status: "completed" }, tool("completed")]);
    expect(events.map(({ kind }) => kind)).toEqual(["tool-start", "tool-end"]);
  });

  test("of a model without a price reports no cost", () => {
    const free = { ...step("1", "stop"), part: { ...step("1", "stop").part, cost: 0 } };
    expect(parse([free]).ending.usage).toEqual({ inputTokens: 1000, cachedInputTokens: 200, outputTokens: 34 });
    expect(parse([step("1", "stop")]).ending.usage).toEqual(usage);
  });

  test("that came over an error is good, also with exit code 1", () => {
    const overflow = { type: "error", error: { name: "ContextOverflowError", data: { message: "too long" } } };
    const { ending } = parse([overflow, said, step("1", "stop")], { exitCode: 1 });
    expect(ending.good).toBe(true);
    expect(parse([said, step("1", "stop"), overflow], { exitCode: 1 }).ending.good).toBe(false);
    expect(parse([said, step("1", "stop")], { exitCode: 1 }).ending.good).toBe(false);
  });
});

describe("an error", () => {
  test.each([
    ["auth-401", apiError({ message: "Incorrect API key provided.", statusCode: 401 })],
    ["provider-quota-limit", apiError({ message: "Slow down", statusCode: 429 })],
    ["provider-error", apiError({ message: "Overloaded", statusCode: 529 })],
    ["model-unavailable", apiError({ message: "There is no such thing", statusCode: 404 })],
    ["network-connection", apiError({ message: "Connection reset by server", isRetryable: true })],
    ["provider-error", { type: "error", error: { name: "UnknownError", data: { message: "JSON parsing failed: x" } } }],
    ["context-length-exceeded", { type: "error", error: { name: "ContextOverflowError", data: { message: "long" } } }],
    ["worker-exit-failed", { type: "error", error: {} }],
  ])("is %s", (failureReason, line) => {
    expect(parse([line], { exitCode: 1 }).ending).toMatchObject({ good: false, failureReason });
  });

  test("names the end of a limit in the headers of the answer", () => {
    const headers = (responseHeaders: object) =>
      parse([apiError({ message: "no", statusCode: 429, responseHeaders })], { exitCode: 1 }).ending.retryAt;
    expect(headers({ "retry-after": "3600" })).toBe(now + 3_600_000);
    expect(headers({ "retry-after-ms": "1500" })).toBe(now + 1_500);
    expect(headers({ "retry-after": new Date(now + 60_000).toUTCString() })).toBe(now + 60_000);
    expect(headers({})).toBeNull();
    const inWords = apiError({ message: "Rate limit exceeded. Try again in 90 seconds.", statusCode: 429 });
    expect(parse([inWords], { exitCode: 1 }).ending).toMatchObject({ retryAt: now + 90_000, retrySource: "text" });
  });
});

describe("a wait for the provider", () => {
  test("that the provider named is a limit, with its time", () => {
    const { events, ending } = parse([waits("Rate limit reached", 3_600_000)], { exitCode: null, signal: "SIGTERM" });
    const until = now + 3_600_000;
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "provider-wait", reason: "provider-quota-limit", until }),
    );
    expect(ending).toMatchObject({ good: false, failureReason: "provider-quota-limit", retryAt: until });
    expect(parse([waits("x", 3_600_000)]).ending.failureReason).toBe("provider-quota-limit");
  });

  test("of its own has no time, and is over with the next sign of the work", () => {
    const { events, ending } = parse([waits("Provider is overloaded", 4_000), said, step("1", "stop")]);
    expect(events).toContainEqual(expect.objectContaining({ reason: "provider-error", until: null }));
    expect(ending).toMatchObject({ good: true, retryAt: null });
  });
});

describe("a conversation", () => {
  const resumed = { nativeSessionId: sessionID, usageBefore: { inputTokens: 5000 } };

  test("that it does not know is refused, and its own steps are the session's alone", () => {
    expect(parse([], { exitCode: 1 }, resumed).ending.failureReason).toBe("resume-refused");
    expect(parse([], { exitCode: 1 }).ending.failureReason).toBe("no-terminal-event");
    expect(parse([], { exitCode: 127 }, resumed).ending.failureReason).toBe("agent-not-found");
    expect(parse([said, step("1", "stop")], {}, resumed).ending.usage).toEqual(usage);
  });

  test("that cannot be moved to the worktree is not gone on with, and the summary says so", () => {
    const { ending } = parse([{ type: "acp_not_moved", message: "no such table" }], { exitCode: 1 }, resumed);
    expect(ending).toMatchObject({
      failureReason: "resume-refused",
      summary: expect.stringContaining("no such table"),
    });
  });
});

describe("the command", () => {
  const context = { model: "m", promptFile: "/p", runDir: "/r", cwd: "/w", stateDir: "/s" };
  const settings = opencodeBackend.settings.parse({
    model: "m",
    base_url: "http://127.0.0.1:1/v1",
    api_key_env: "MY_KEY",
  });

  test("names the key's variable, and everything it writes is in the state folder", () => {
    const { command, env, files } = opencodeBackend.command({ ...context, settings });
    expect(command.args.join(" ")).toContain("-m custom/m");
    const config = JSON.parse(env.OPENCODE_CONFIG_CONTENT ?? "");
    expect(config.provider.custom.options).toEqual({ baseURL: "http://127.0.0.1:1/v1", apiKey: "{env:MY_KEY}" });
    expect(config).toMatchObject({ enabled_providers: ["custom"], permission: "allow", autoupdate: false });
    for (const { path } of files ?? []) expect(path).toMatch(/^\/s\/opencode\/config\//);
    expect(env.OPENCODE_DB).toBe("/s/opencode/db/opencode.db");
    expect(opencodeBackend.capabilities.resume?.keeps).toEqual(["opencode/db"]);
  });

  test("of a conversation moves it to the worktree first", () => {
    const { command, files } = opencodeBackend.command({ ...context, settings, resume: 'ses_"1' });
    expect(command.args.join(" ")).toContain('-s ses_"1');
    const plugin = files?.find(({ path }) => path.endsWith(".js"))?.text ?? "";
    expect(plugin).toContain('"ses_\\"1"');
    expect(opencodeBackend.command({ ...context, settings }).files?.[0]?.text).not.toContain("Database");
  });

  test("of the fork has the fork's names", () => {
    const { command, env } = kiloBackend.command({ ...context, settings });
    expect(command.file).toBe("kilo");
    expect(env).toMatchObject({ KILO_DB: "/s/kilo/db/kilo.db", KILO_TELEMETRY_LEVEL: "off" });
    expect(Object.keys(env).some((name) => name.startsWith("OPENCODE_"))).toBe(false);
  });

  test("asks for a provider's name where the model has none", () => {
    expect(opencodeBackend.lacks?.({ model: "gpt-5", base_url: null, api_key_env: null })?.key).toBe("model");
    expect(opencodeBackend.lacks?.({ model: null, base_url: null, api_key_env: null })).toBeNull();
    expect(opencodeBackend.lacks?.({ model: "openai/gpt-5", base_url: null })).toBeNull();
  });
});
