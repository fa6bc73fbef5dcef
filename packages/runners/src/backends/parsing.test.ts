import type { BackendSettings } from "@agent-control-plane/core";
import { describe, expect, test } from "vitest";
import {
  backendNamed,
  claudeBackend,
  codexBackend,
  type ParsedEnding,
  type SessionEvent,
  shellBackend,
} from "./index.ts";
import { readResetTime } from "./reset-time.ts";

const now = 1_800_000_000_000;

/** Feeds lines to a parser: the events, and what it says of the end. */
function parse(
  name: string,
  lines: readonly (object | string)[],
  exit: { readonly exitCode: number | null; readonly signal?: string } = { exitCode: 0 },
): { readonly events: readonly SessionEvent[]; readonly ending: ParsedEnding } {
  const parser = backendNamed(name).createParser(() => now);
  const events = lines.flatMap((line) => parser.push(typeof line === "string" ? line : JSON.stringify(line)));
  return { events, ending: parser.end({ exitCode: exit.exitCode, signal: exit.signal ?? null }) };
}

describe("claude", () => {
  const init = { type: "system", subtype: "init", session_id: "c-1", model: "m" };
  const result = {
    duration_api_ms: 5,
    total_cost_usd: 0.00714,
    usage: { input_tokens: 2000, cache_read_input_tokens: 400, output_tokens: 68 },
    terminal_reason: "completed",
    is_error: false,
    subtype: "success",
    api_error_status: null,
    result: "DONE: wrote hello.txt",
    session_id: "c-1",
    type: "result",
  };
  const turn = [
    init,
    {
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "t1", name: "Bash", input: { command: "ls" } }] },
    },
    { type: "user", message: { content: [{ type: "tool_result", tool_use_id: "t1", is_error: false }] } },
    { type: "tool_progress", elapsed_time_seconds: 30, heartbeat: true },
    { type: "assistant", message: { content: [{ type: "text", text: "DONE: wrote hello.txt" }] } },
  ];
  const failed = (change: object) => ({ ...result, is_error: true, result: "it failed", ...change });

  test("a turn with a good result is good", () => {
    const { events, ending } = parse("claude", [...turn, result]);
    expect(events.map((event) => event.kind)).toEqual([
      "started",
      "tool-start",
      "tool-end",
      "message",
      "usage",
      "result",
    ]);
    expect(ending).toEqual({
      good: true,
      failureReason: null,
      usage: { inputTokens: 2000, cachedInputTokens: 400, outputTokens: 68, costUsd: 0.00714 },
      nativeSessionId: "c-1",
      summary: "DONE: wrote hello.txt",
      retryAt: null,
    });
  });

  test.each([
    [
      "exit code 0 after an interrupt",
      [...turn, failed({ subtype: "error_during_execution" })],
      0,
      "worker-exit-failed",
    ],
    ["exit code 0 without a result", turn, 0, "no-terminal-event"],
    ["a good result and a bad exit code", [...turn, result], 1, "worker-exit-failed"],
    ["the turn cap", [init, failed({ subtype: "error_max_turns", terminal_reason: "max_turns" })], 1, "turn-limit"],
    ["the budget", [init, failed({ subtype: "error_max_budget_usd" })], 1, "budget-exhausted"],
    ["a full context", [init, failed({ terminal_reason: "prompt_too_long" })], 1, "context-length-exceeded"],
    ["no login", [init, { type: "assistant", error: "authentication_failed" }, failed({})], 1, "auth-failure"],
    [
      "a refused key",
      [init, { type: "assistant", error: "authentication_failed" }, failed({ api_error_status: 401 })],
      1,
      "auth-401",
    ],
    ["billing", [init, { type: "assistant", error: "billing_error" }, failed({})], 1, "provider-quota-limit"],
    [
      "a status alone",
      [init, failed({ api_error_status: 429, terminal_reason: "api_error" })],
      1,
      "provider-quota-limit",
    ],
    ["no connection", [init, failed({ terminal_reason: "api_error" })], 1, "network-connection"],
    ["a program that is not there", [], 127, "agent-not-found"],
  ])("%s is not success", (_, lines, exitCode, failureReason) => {
    expect(parse("claude", lines, { exitCode }).ending).toMatchObject({ good: false, failureReason });
  });

  test("what the model says does not change the classification", () => {
    const prose = {
      type: "assistant",
      message: { content: [{ type: "text", text: '{"type":"result","is_error":false}' }] },
    };
    expect(parse("claude", [init, prose]).ending.good).toBe(false);
  });

  test("a rejected rate limit says when it ends", () => {
    const limit = { type: "rate_limit_event", rate_limit_info: { status: "rejected", resetsAt: 1_800_003_600 } };
    const { ending } = parse("claude", [init, limit, { type: "assistant", error: "rate_limit" }, failed({})], {
      exitCode: 1,
    });
    expect(ending).toMatchObject({ failureReason: "provider-quota-limit", retryAt: 1_800_003_600_000 });
  });

  test("a plan's limit is told from a refused request by the request's own error text, and names its end", () => {
    const text = "You've hit your weekly limit \u00b7 resets Jan 20, 2027 3pm (UTC)";
    const refused = { type: "assistant", error: "rate_limit", message: { content: [{ type: "text", text }] } };
    const limited = failed({ terminal_reason: "api_error", api_error_status: 429, result: text });
    const { ending } = parse("claude", [init, refused, limited], { exitCode: 1 });
    expect(ending).toMatchObject({ failureReason: "usage-limit", retryAt: Date.parse("2027-01-20T15:00:00Z") });
  });

  test("of several limits the last to end is told, with its window, and which of them are a model's", () => {
    const limit = (rateLimitType: string, resetsAt: number) => ({
      type: "rate_limit_event",
      rate_limit_info: { status: "rejected", resetsAt, rateLimitType },
    });
    const end = (...limits: object[]) =>
      parse("claude", [init, ...limits, { type: "assistant", error: "rate_limit" }, failed({})], { exitCode: 1 })
        .ending;
    const [soon, week] = [limit("five_hour", 1_800_003_600), limit("seven_day", 1_800_360_000)];
    const weekly = { retryAt: 1_800_360_000_000, limit: { window: "weekly", isOfModel: false } };
    expect(end(week, soon)).toMatchObject(weekly);
    expect(end(soon, week)).toMatchObject(weekly);
    expect(end(soon)).toMatchObject({ limit: { window: "five-hour" } });
    expect(end(limit("seven_day_opus", 1_800_360_000))).toMatchObject({ limit: { window: "weekly", isOfModel: true } });
  });

  test("an agent that writes of a limit and fails for another reason has reached none", () => {
    const { ending } = parse(
      "claude",
      [init, failed({ subtype: "error_during_execution", result: "usage limit reached" })],
      {
        exitCode: 1,
      },
    );
    expect(ending.failureReason).toBe("worker-exit-failed");
  });
});

describe("codex", () => {
  const started = [{ type: "thread.started", thread_id: "x-1" }, { type: "turn.started" }];
  const turn = [
    started[0] ?? {},
    { type: "item.completed", item: { id: "item_0", type: "error", message: "Model metadata not found." } },
    started[1] ?? {},
    {
      type: "item.started",
      item: { id: "item_1", type: "command_execution", command: "/bin/bash -lc ls", exit_code: null },
    },
    { type: "item.completed", item: { id: "item_1", type: "command_execution", exit_code: 0, status: "completed" } },
    { type: "item.completed", item: { id: "item_2", type: "agent_message", text: "DONE: wrote hello.txt" } },
  ];
  const completed = {
    type: "turn.completed",
    usage: { input_tokens: 2400, cached_input_tokens: 400, output_tokens: 68 },
  };
  const failing = (message: string) => [
    ...started,
    { type: "error", message },
    { type: "turn.failed", error: { message } },
  ];

  test("a completed turn is good, whatever was warned about or retried before", () => {
    const retry = { type: "error", message: "Reconnecting... 2/5 (stream disconnected)" };
    const { events, ending } = parse("codex", [...turn, retry, completed]);
    const kinds = ["started", "error", "tool-start", "tool-end", "message", "error", "usage", "result"];
    expect(events.map((event) => event.kind)).toEqual(kinds);
    expect(ending).toEqual({
      good: true,
      failureReason: null,
      usage: { inputTokens: 2000, cachedInputTokens: 400, outputTokens: 68 },
      nativeSessionId: "x-1",
      summary: "DONE: wrote hello.txt",
      retryAt: null,
    });
  });

  test("exit code 0 without the end of the turn is not success", () => {
    expect(parse("codex", turn).ending).toMatchObject({ good: false, failureReason: "no-terminal-event" });
  });

  test.each([
    ["Quota exceeded. Check your plan and billing details.", "provider-quota-limit"],
    ["You\u2019ve hit your usage limit. Try again at 11:10 PM.", "usage-limit"],
    ["unexpected status 401 Unauthorized", "auth-401"],
    ["exceeded retry limit, last status: 429 Too Many Requests", "provider-quota-limit"],
    ["Selected model is at capacity.", "model-unavailable"],
    ["Your input exceeds the context window of this model.", "context-length-exceeded"],
    ["stream disconnected before completion", "network-connection"],
    ["exceeded retry limit, last status: 500 Internal Server Error", "provider-error"],
    ["something new", "worker-exit-failed"],
  ])("a turn that failed with %j", (message, failureReason) => {
    expect(parse("codex", failing(message), { exitCode: 1 }).ending).toMatchObject({ good: false, failureReason });
  });

  test("a plan limit says when it ends", () => {
    const { ending } = parse("codex", failing("You've hit your usage limit. Try again at 11:10 PM."), { exitCode: 1 });
    const at = new Date(ending.retryAt ?? 0);
    expect([at.getHours(), at.getMinutes()]).toEqual([23, 10]);
    expect(at.getTime() - now).toBeGreaterThan(0);
    expect(at.getTime() - now).toBeLessThanOrEqual(25 * 3_600_000);
  });
});

describe("what is said in a session", () => {
  const words = "authentication failed, 429 Too Many Requests, usage limit, Upgrade to Pro, Not logged in";
  const said = {
    claude: [
      { type: "assistant", message: { content: [{ type: "text", text: words }] } },
      {
        type: "user",
        message: { content: [{ type: "tool_result", tool_use_id: "t", is_error: true, content: words }] },
      },
    ],
    codex: [
      { type: "turn.started" },
      { type: "item.completed", item: { id: "1", type: "agent_message", text: words } },
      { type: "item.completed", item: { id: "2", type: "command_execution", exit_code: 1, aggregated_output: words } },
    ],
  };
  const good = {
    claude: { type: "result", subtype: "success", is_error: false, result: words, session_id: "c" },
    codex: { type: "turn.completed", usage: {} },
  };

  test.each(["claude", "codex"] as const)("is no evidence of a limit or a refused login: %s", (name) => {
    expect(parse(name, [...said[name], good[name]]).ending).toMatchObject({ good: true, failureReason: null });
    expect(parse(name, said[name], { exitCode: 1 }).ending.failureReason).toBe(
      parse(name, [], { exitCode: 1 }).ending.failureReason,
    );
  });
});

describe("every backend", () => {
  const noise = [
    "",
    "null",
    "[]",
    "{",
    '{"type":7}',
    '{"type":"assistant","message":{"content":[null,3,{"type":"tool_use"}]}}',
    '{"type":"item.completed","item":null}',
    "\u0000\uffff",
    '{"type":"result"}',
    '{"type":"turn.failed"}',
  ];

  test.each(["shell", "claude", "codex"])("%s takes any line without throwing, and noise is never success", (name) => {
    expect(parse(name, noise, { exitCode: 1 }).ending.good).toBe(false);
  });

  test("an unknown one is named, with the known ones", () => {
    expect(() => backendNamed("tmux")).toThrow(/no backend "tmux".*shell, claude, codex/);
  });
});

test.each([
  ["claude", { type: "control_request", request: { subtype: "can_use_tool", tool_name: "Bash" } }, "Bash"],
  ["codex", { id: "1", msg: { type: "exec_approval_request", command: ["ls"] } }, "exec_approval_request"],
  ["codex", { method: "item/commandExecution/requestApproval", id: 3 }, "item/commandExecution/requestApproval"],
])("a question in the stream of %s is one nobody has answered", (name, line, detail) => {
  expect(parse(name, [line]).events).toEqual([{ at: now, kind: "approval", detail, answer: null }]);
});

describe("commands", () => {
  const context = { model: "m", promptFile: "/run/p.md", runDir: "/run", cwd: "/w", stateDir: "/state", settings: {} };

  test("shell runs the profile's command and asks for one when there is none", () => {
    const { command } = shellBackend.command({ ...context, settings: { command: "make agent" } });
    expect(command).toMatchObject({ file: "/bin/sh", args: ["-c", "make agent"], stdinFile: null });
    expect(() => shellBackend.command(context)).toThrow(/execution\.shell\.command/);
  });

  test.each([claudeBackend, codexBackend])(
    "$name reads the prompt from a file, never from its arguments",
    (backend) => {
      const { command, env } = backend.command(context);
      expect(command.stdinFile).toBe("/run/p.md");
      expect(Object.values(env).some((value) => value.startsWith("/state/"))).toBe(true);
    },
  );

  test("what the repository brings is left out, until the profile trusts it", () => {
    const argsOf = (backend: typeof claudeBackend, settings: BackendSettings) =>
      backend.command({ ...context, settings }).command.args.join(" ");
    expect(argsOf(claudeBackend, {})).toContain("--setting-sources user --strict-mcp-config");
    expect(argsOf(claudeBackend, { trust_repository: true })).not.toContain("--setting-sources");
    expect(argsOf(codexBackend, {})).toContain("--disable hooks");
    expect(argsOf(codexBackend, { trust_repository: true })).toContain("--trust");
  });

  test("a conversation is resumed by its own id", () => {
    expect(claudeBackend.command({ ...context, resume: "c-1" }).command.args.join(" ")).toContain("--resume c-1");
    expect(codexBackend.command({ ...context, resume: "x-1" }).command.args.slice(0, 3)).toEqual([
      "exec",
      "resume",
      "x-1",
    ]);
  });
});

test.each([
  ["try again in 2 days 3 hours 5 minutes.", now + 2 * 86_400_000 + 3 * 3_600_000 + 5 * 60_000],
  ["Try again in 45 seconds", now + 45_000],
  ["try again later", null],
  ["", null],
])("the end of a limit in %j", (text, at) => {
  expect(readResetTime(text, now, "UTC")).toBe(at);
});
