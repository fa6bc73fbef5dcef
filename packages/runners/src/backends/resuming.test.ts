import { describe, expect, test } from "vitest";
import { claudeBackend, codexBackend, type Resumed, shellBackend } from "./index.ts";
import { usageSince } from "./usage-since.ts";

const now = 1_800_000_000_000;
const nativeSessionId = "01a1fcff-b5f3-7531-9829-61c88f2a6a1b";
const context = {
  model: "m",
  promptFile: "/p",
  runDir: "/r",
  cwd: "/w",
  stateDir: "/s",
  settings: {},
  resume: nativeSessionId,
};
const resumedWith = (usageBefore: Resumed["usageBefore"]): Resumed => ({ nativeSessionId, usageBefore });

/** How a session that goes on with a conversation ended. */
function endingOf(
  backend: typeof claudeBackend,
  resumed: Resumed | null,
  lines: readonly object[],
  exit: { readonly exitCode: number | null; readonly signal?: string } = { exitCode: 0 },
) {
  const parser = backend.createParser(() => now, resumed);
  const events = lines.flatMap((line) => parser.push(JSON.stringify(line)));
  return { ...parser.end({ signal: null, ...exit }), events };
}

test("a conversation is named in the command line, and its state has a folder that the program is told of", () => {
  const claude = claudeBackend.command(context);
  expect(claude.command.args.join(" ")).toContain(`--resume ${nativeSessionId}`);
  expect(claude.env.CLAUDE_CONFIG_DIR).toBe("/s/claude");
  const codex = codexBackend.command(context);
  expect(codex.command.args.slice(0, 3)).toEqual(["exec", "resume", nativeSessionId]);
  expect(codex.env.CODEX_HOME).toBe("/s/codex");
  for (const backend of [claudeBackend, codexBackend]) {
    const fresh = backend.command({ ...context, resume: null });
    expect(fresh.command.args.join(" ")).not.toMatch(/resume/);
    expect(backend.capabilities.resume?.keeps).toHaveLength(1);
  }
  expect(shellBackend.capabilities.resume).toBeNull();
});

describe("usage", () => {
  const result = (cost: number) => ({
    ...{ type: "result", subtype: "success", is_error: false, session_id: nativeSessionId, result: "ok" },
    ...{ total_cost_usd: cost, usage: { input_tokens: 1000, cache_read_input_tokens: 200, output_tokens: 34 } },
  });
  const codexTurn = (id: string, input: number) => [
    { type: "thread.started", thread_id: id },
    { type: "turn.started" },
    { type: "turn.completed", usage: { input_tokens: input, cached_input_tokens: 600, output_tokens: 102 } },
  ];

  test("of claude: tokens are the run's own, the cost holds the earlier ones", () => {
    const before = resumedWith({ inputTokens: 2000, outputTokens: 68, costUsd: 0.00714 });
    const { usage, events } = endingOf(claudeBackend, before, [result(0.01071)]);
    expect(usage).toMatchObject({ inputTokens: 1000, outputTokens: 34 });
    expect(usage.costUsd).toBeCloseTo(0.00357, 9);
    expect(events).toContainEqual({ at: now, kind: "usage", usage });
    expect(endingOf(claudeBackend, null, [result(0.01071)]).usage.costUsd).toBe(0.01071);
  });

  test("of codex: all of it is of the whole thread", () => {
    const before = resumedWith({ inputTokens: 2400, cachedInputTokens: 400, outputTokens: 68 });
    const { usage, events } = endingOf(codexBackend, before, codexTurn(nativeSessionId, 3600));
    expect(usage).toEqual({ inputTokens: 600, cachedInputTokens: 200, outputTokens: 34 });
    expect(events).toContainEqual({ at: now, kind: "usage", usage });
  });

  test("of codex in another thread than it was asked for: nothing was counted before", () => {
    const before = resumedWith({ inputTokens: 2400, cachedInputTokens: 400, outputTokens: 68 });
    expect(endingOf(codexBackend, before, codexTurn("another", 3600)).usage.inputTokens).toBe(3000);
  });

  test.each([
    ["a total", { inputTokens: 30, costUsd: 0.3 }, { inputTokens: 10, costUsd: 0.1 }, { inputTokens: 20 }],
    ["the same total again", { inputTokens: 10 }, { inputTokens: 10 }, { inputTokens: 0 }],
    ["a smaller number, which is no total", { inputTokens: 5 }, { inputTokens: 10 }, { inputTokens: 5 }],
    ["a total with a new counter", { inputTokens: 10, outputTokens: 4 }, { inputTokens: 8 }, { outputTokens: 4 }],
    ["money that rounding made a hair smaller", { costUsd: 0.3 }, { costUsd: 0.1 + 0.2 }, { costUsd: 0 }],
  ])("%s is counted once", (_, total, before, expected) => {
    expect(usageSince(total, before)).toMatchObject(expected);
  });
});

describe("a conversation that the program does not know", () => {
  const unknownToClaude = {
    ...{ type: "result", subtype: "error_during_execution", is_error: true, num_turns: 0, total_cost_usd: 0 },
    errors: [`No conversation found with session ID: ${nativeSessionId}`],
  };
  const init = { type: "system", subtype: "init", session_id: nativeSessionId };
  const asked = resumedWith({});
  const failed = { exitCode: 1 };

  test("is refused by what it prints, and the summary says so", () => {
    expect(endingOf(claudeBackend, asked, [unknownToClaude], failed)).toMatchObject({
      good: false,
      failureReason: "resume-refused",
      summary: `No conversation found with session ID: ${nativeSessionId}`,
    });
    expect(endingOf(codexBackend, asked, [], failed)).toMatchObject({ good: false, failureReason: "resume-refused" });
  });

  test.each<
    [string, typeof claudeBackend, Resumed | null, readonly object[], { exitCode: number | null; signal?: string }]
  >([
    ["claude was not asked for one", claudeBackend, null, [unknownToClaude], failed],
    ["claude had begun", claudeBackend, asked, [init, unknownToClaude], failed],
    ["claude is not there", claudeBackend, asked, [], { exitCode: 127 }],
    ["claude was killed", claudeBackend, asked, [], { exitCode: null, signal: "SIGKILL" }],
    ["codex was not asked for one", codexBackend, null, [], failed],
    ["codex had begun", codexBackend, asked, [{ type: "thread.started", thread_id: nativeSessionId }], failed],
    ["codex is not there", codexBackend, asked, [], { exitCode: 127 }],
    ["codex says what is wrong", codexBackend, asked, [{ type: "error", message: "401 Unauthorized" }], failed],
  ])("is not what happened when %s", (_, backend, resumed, lines, exit) => {
    const { failureReason } = endingOf(backend, resumed, lines, exit);
    expect(failureReason).not.toBe("resume-refused");
    expect(failureReason).not.toBeNull();
  });
});
