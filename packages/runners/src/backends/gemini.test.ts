import { describe, expect, test } from "vitest";
import { geminiBackend, type ParsedEnding, type SessionEvent } from "./index.ts";

const now = Date.UTC(2026, 10, 21, 12);

/** Lines as gemini 0.61.0 printed them, without their timestamps. */
const init = { type: "init", session_id: "g-1", model: "gemini-2.5-pro" };
const asked = { type: "message", role: "user", content: "Write hello.txt." };
const said = (content: string) => ({ type: "message", role: "assistant", content, delta: true });
const stats = { total_tokens: 2488, input_tokens: 2400, output_tokens: 68, cached: 400, input: 2000, tool_calls: 1 };
const success = { type: "result", status: "success", stats };
const turn = [
  init,
  asked,
  { type: "tool_use", tool_name: "run_shell_command", tool_id: "t-1", parameters: { command: "ls" } },
  { type: "tool_result", tool_id: "t-1", status: "success", output: "" },
  said("DONE: "),
  said("wrote hello.txt"),
];
const refused = (message: string, type = "unknown") => ({ type: "result", status: "error", error: { type, message } });
const answered = (code: number, status: string, message: string) =>
  refused(`[API Error: ${JSON.stringify({ error: { code, status, message, details: [] } })}]`);
const waiting =
  "\nPlease wait and try again later. To increase your limits, request a quota increase through AI Studio, or switch to another /auth method";

function parse(
  lines: readonly object[],
  exitCode: number | null = 0,
  { resumed = null as string | null, stderr = [] as readonly string[], signal = null as string | null } = {},
): { readonly events: readonly SessionEvent[]; readonly ending: ParsedEnding } {
  const before = resumed === null ? null : { nativeSessionId: resumed, usageBefore: { inputTokens: 2400 } };
  const parser = geminiBackend.createParser(() => now, before);
  const events = lines.flatMap((line) => parser.push(JSON.stringify(line)));
  for (const line of stderr) parser.pushErrorLine?.(line);
  return { events, ending: parser.end({ exitCode, signal }) };
}

test("a turn with a tool is good; its pieces of text are one message, and thoughts count as output", () => {
  const { events, ending } = parse([...turn, success]);
  expect(events.map(({ kind }) => kind)).toEqual(["started", "tool-start", "tool-end", "message", "usage", "result"]);
  expect(events[1]).toMatchObject({ tool: "run_shell_command", id: "t-1", detail: '{"command":"ls"}' });
  expect(events[2]).toMatchObject({ tool: "run_shell_command", ok: true });
  expect(ending).toEqual({
    good: true,
    failureReason: null,
    usage: { inputTokens: 2400, cachedInputTokens: 400, outputTokens: 88 },
    nativeSessionId: "g-1",
    summary: "DONE: wrote hello.txt",
    retryAt: null,
  });
});

test("counts of a conversation that it goes on with are this run's own", () => {
  expect(parse([init, asked, said("DONE"), success], 0, { resumed: "g-1" }).ending.usage.inputTokens).toBe(2400);
});

test("a flood of pieces comes out as few messages", () => {
  const { events } = parse([init, ...Array.from({ length: 1_000 }, () => said("and then, "))]);
  expect(events.length).toBeLessThanOrEqual(1 + 10_000 / 2_000);
});

describe("a bad end", () => {
  test.each([
    ["status 401", answered(401, "UNAUTHENTICATED", "invalid authentication credentials"), 145, "auth-401"],
    ["status 403", answered(403, "PERMISSION_DENIED", "Permission denied"), 147, "auth-failure"],
    [
      "a quota",
      refused(`[API Error: Resource has been exhausted (e.g. check quota).]${waiting}`),
      173,
      "provider-quota-limit",
    ],
    ["a status alone", refused("[API Error: No.]"), 173, "provider-quota-limit"],
    ["status 529", answered(529, "UNAVAILABLE", "The model is overloaded."), 17, "provider-error"],
    ["a status of 500 alone", refused("[API Error: Oh.]"), 244, "provider-error"],
    [
      "a full context",
      answered(400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."),
      144,
      "context-length-exceeded",
    ],
    [
      "a context that would be full",
      refused("Context window will overflow (estimated: 9, remaining: 8)"),
      1,
      "context-length-exceeded",
    ],
    [
      "an unknown model",
      refused("[API Error: models/nope is not found for API version v1beta, or is not supported for generateContent.]"),
      1,
      "model-unavailable",
    ],
    ["a connection that was reset", refused("[API Error: terminated]"), 1, "network-connection"],
    [
      "nobody there",
      refused("[API Error: exception TypeError: fetch failed sending request]"),
      1,
      "network-connection",
    ],
    [
      "an answer that is no JSON",
      refused("[API Error: Unterminated string in JSON at position 20]"),
      1,
      "provider-error",
    ],
    ["the turn cap", refused("Reached max session turns for this session.", "FatalTurnLimitedError"), 53, "turn-limit"],
    ["a fault of its own", refused("Cannot read properties of undefined", "TypeError"), 1, "worker-exit-failed"],
    ["a good result and a bad exit code", success, 1, "worker-exit-failed"],
  ] as const)("by %s", (_what, result, exitCode, reason) => {
    expect(parse([init, asked, result], exitCode).ending).toMatchObject({ good: false, failureReason: reason });
  });

  test("with exit code 0: an answer that was cut or blocked", () => {
    const error = { type: "error", severity: "error", message: "Model stream ended without a finish reason." };
    const { ending } = parse([init, asked, said("I be"), error, { type: "result", status: "error", stats }]);
    expect(ending).toMatchObject({ good: false, failureReason: "provider-error", summary: error.message });
  });

  test("with exit code 0 and a result that is called a success: it noticed that it goes round in circles", () => {
    const error = { type: "error", severity: "warning", message: "Loop detected, stopping execution" };
    const { ending } = parse([...turn, error, success]);
    expect(ending).toMatchObject({ good: false, failureReason: "worker-exit-failed", summary: error.message });
    expect(parse([...turn, error, said("DONE"), success]).ending.good).toBe(true);
  });

  test("names when a limit ends", () => {
    const limit = refused(`[API Error: You exceeded your current quota.\nSuggested retry after 3600s.]${waiting}`);
    expect(parse([init, limit], 173).ending).toMatchObject({
      failureReason: "provider-quota-limit",
      retryAt: now + 3_600_000,
      retrySource: "text",
      summary: "You exceeded your current quota.",
    });
    const day = refused(`[API Error: You have exhausted your daily quota on this model.]${waiting}`);
    expect(parse([init, day], 173).ending.retryAt).toBe(Date.UTC(2026, 10, 22, 8));
  });

  test("without a result, whatever the exit code says", () => {
    expect(parse(turn, 0).ending).toMatchObject({ good: false, failureReason: "no-terminal-event" });
    expect(parse(turn, null, { signal: "SIGKILL" }).ending.summary).toBe("no result event; ended by SIGKILL");
    expect(parse([], 127).ending.failureReason).toBe("agent-not-found");
  });

  test("before its start: no key, in its own words", () => {
    const stderr = [
      "YOLO mode is enabled.",
      "When using Gemini API, you must specify the GEMINI_API_KEY environment variable.",
    ];
    expect(parse([], 41, { stderr }).ending).toMatchObject({
      failureReason: "auth-failure",
      summary: expect.stringMatching(/GEMINI_API_KEY.*exit code 41/),
    });
  });

  test("before its start: a conversation it does not know", () => {
    const stderr = ['Error resuming session: Invalid session identifier "x".'];
    expect(parse([], 42, { stderr, resumed: "x" }).ending.failureReason).toBe("resume-refused");
    expect(parse([], 42, { stderr }).ending.failureReason).toBe("no-terminal-event");
  });
});

describe("what it is started with", () => {
  const context = { model: "m", promptFile: "/run/prompt.md", runDir: "/run", cwd: "/tree", stateDir: "/state" };
  const command = (settings: object, resume: string | null = null) =>
    geminiBackend.command({ ...context, resume, settings: geminiBackend.settings.parse(settings) });

  test("the prompt is read from its file, and a conversation is found in any worktree", () => {
    const { command: started, files = [] } = command({}, "g-1");
    expect(started).toMatchObject({ file: "gemini", stdinFile: "/run/prompt.md" });
    expect(started.args.join(" ")).toContain("--model m --resume g-1");
    const mark = files.find(({ path }) => path.endsWith(".project_root"));
    expect(mark?.text).toBe("/tree");
    const [kept = ""] = geminiBackend.capabilities.resume?.keeps ?? [];
    expect(mark?.path).toBe(`/state/${kept.replace(/chats$/, ".project_root")}`);
  });

  test("settings of the profile reach its own file", () => {
    const { files = [], env } = command({ max_turns: 7, max_attempts: 1, base_url: "http://127.0.0.1:9/s" });
    expect(JSON.parse(files[0]?.text ?? "")).toMatchObject({
      general: { maxAttempts: 1 },
      model: { maxSessionTurns: 7 },
    });
    expect(env).toMatchObject({ GOOGLE_GEMINI_BASE_URL: "http://127.0.0.1:9/s" });
  });

  test("without an address the vendor's is set, so that the repository cannot set one", () => {
    expect(command({}).env.GOOGLE_GEMINI_BASE_URL).toMatch(/^https:\/\/generativelanguage\.googleapis\.com/);
  });

  test("a key under another name is handed on by name", () => {
    const { args, file } = command({ api_key_env: "OUR_KEY" }).command;
    expect([file, ...args.slice(0, 3)]).toEqual([
      "/bin/sh",
      "-c",
      'GEMINI_API_KEY="$OUR_KEY" exec "$0" "$@"',
      "gemini",
    ]);
    expect(geminiBackend.settings.safeParse({ api_key_env: "A;rm" }).success).toBe(false);
  });
});
