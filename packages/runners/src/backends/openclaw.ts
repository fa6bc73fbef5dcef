import { join } from "node:path";
import type { FailureReason, Instant } from "@agent-control-plane/core";
import * as z from "zod";
import { type Backend, cutText, oneLine, type SessionEvent, type StreamParser } from "./backend.ts";
import { asNumber, asObject, asText, type Fields } from "./json-line.ts";
import { readLimitText } from "./limit-text.ts";

const text = z.string().trim().min(1);

/**
 * OpenClaw, `agent exec --json`: nothing on stdout while it works, one JSON object over many lines at its end. Each
 * session starts anew: this command goes on with no conversation.
 */
export const openclawBackend: Backend = {
  name: "openclaw",
  settings: z.strictObject({
    file: text.nullable().default(null),
    model: text.nullable().default(null),
    thinking: text.nullable().default(null),
    base_url: z
      .string()
      .regex(/^https?:\/\/\S+$/, "an address, such as https://models.example.com/v1")
      .nullable()
      .default(null),
    api: z.enum(["chat", "responses", "messages"]).default("chat"),
    api_key_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of a variable, such as OPENAI_API_KEY")
      .default("OPENAI_API_KEY"),
    context_tokens: z.int().min(1_000).default(200_000),
    output_tokens: z.int().min(256).default(16_000),
  }),
  capabilities: {
    announcesStart: false,
    reportsUsage: true,
    reportsCost: true,
    resume: null,
    outputSchema: false,
    local: false,
  },

  lacks: ({ model }) =>
    typeof model === "string" && model.includes("/")
      ? null
      : {
          key: "model",
          message: "OpenClaw works with a model of a provider, and none is named.",
          fix: "name provider and model, such as openai/gpt-5.",
        },

  command: ({ model, promptFile, stateDir, cwd, settings }) => {
    const config = join(stateDir, "openclaw", "config.json");
    const args = ["agent", "exec", "--json", "--config", config, "--cwd", cwd, "--message-file", promptFile];
    // Its own deadline is ten minutes; the session's wall clock is ours.
    args.push("--timeout", "86400", "--auth-env-only");
    if (model) args.push("--model", model);
    const thinking = asText(settings.thinking);
    if (thinking) args.push("--thinking", thinking);
    return {
      command: { file: asText(settings.file) ?? "openclaw", args, stdinFile: null, stopSignal: "SIGTERM" },
      env: { OPENCLAW_NO_AUTO_UPDATE: "1", OPENCLAW_NO_RESPAWN: "1", OPENCLAW_DISABLE_BONJOUR: "1" },
      seedFiles: [{ text: JSON.stringify(configuration(model, settings)), to: config }],
    };
  },

  createParser: (now) => createOpenclawParser(now),

  versionCommand: (settings) => ({ file: asText(settings.file) ?? "openclaw", args: ["--version"] }),
};

const apis: { readonly [name: string]: string } = {
  chat: "openai-completions",
  responses: "openai-responses",
  messages: "anthropic-messages",
};

/** The key stands there by the name of its variable alone. */
function configuration(model: string | null, settings: Fields): object {
  const agents = model === null ? {} : { agents: { defaults: { model: { primary: model } } } };
  const baseUrl = asText(settings.base_url);
  if (model === null || baseUrl === null) return agents;
  const slash = model.indexOf("/");
  const [provider, id] = slash > 0 ? [model.slice(0, slash), model.slice(slash + 1)] : ["custom", model];
  const known = {
    id,
    name: id,
    contextWindow: asNumber(settings.context_tokens) ?? 200_000,
    maxTokens: asNumber(settings.output_tokens) ?? 16_000,
    input: ["text"],
    reasoning: false,
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  };
  const own = {
    baseUrl,
    apiKey: `\${${asText(settings.api_key_env) ?? "OPENAI_API_KEY"}}`,
    api: apis[asText(settings.api) ?? "chat"] ?? apis.chat,
    models: [known],
  };
  return { ...agents, models: { mode: "replace", providers: { [provider]: own } } };
}

/** Its answer is a few kilobytes; what is far larger is none. */
const maxAnswerLength = 4 * 1024 * 1024;

function createOpenclawParser(now: () => Instant): StreamParser {
  let answer = "";
  let result: Fields | null = null;

  function take(line: string): readonly SessionEvent[] {
    if (line === "{") answer = "";
    if (answer.length + line.length > maxAnswerLength) return [];
    answer += `${line}\n`;
    if (line !== "}") return [];
    result = objectIn(answer);
    answer = "";
    return result ? eventsOf(result, now()) : [];
  }

  return {
    push: take,
    end: ({ exitCode, signal }) => {
      const nativeSessionId = asText(result?.sessionId);
      const usage = result ? usageOf(result) : {};
      const final = asText(result?.final) ?? "";
      if (result?.ok === true && result.status === "ok" && exitCode === 0) {
        const summary = oneLine(final) || "finished";
        return { good: true, failureReason: null, usage, nativeSessionId, summary, retryAt: null };
      }
      const error = asObject(result?.error) ?? {};
      const message = asText(error.message) ?? "";
      const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
      const failureReason = result
        ? classify(result, now())
        : exitCode === 127
          ? "agent-not-found"
          : "no-terminal-event";
      const summary = oneLine(message) || `no answer of its own; ${how}`;
      const retryAt = readLimitText(message, now())?.retryAt ?? null;
      return { good: false, failureReason, usage, nativeSessionId, summary, retryAt };
    },
  };
}

function objectIn(answer: string): Fields | null {
  try {
    return asObject(JSON.parse(answer));
  } catch {
    return null;
  }
}

function eventsOf(result: Fields, at: Instant): readonly SessionEvent[] {
  const final = asText(result.final) ?? "";
  const error = asText(asObject(result.error)?.message);
  return [
    { at, kind: "started", nativeSessionId: asText(result.sessionId), model: asText(result.model) },
    { at, kind: "usage", usage: usageOf(result) },
    ...(final === "" ? [] : [{ at, kind: "message" as const, text: cutText(final) }]),
    ...(error === null ? [] : [{ at, kind: "error" as const, message: cutText(error), transient: false }]),
    { at, kind: "result", ok: result.ok === true, text: cutText(final) },
  ];
}

function classify(result: Fields, now: Instant): FailureReason {
  const error = asObject(result.error) ?? {};
  if (error.kind === "context_overflow") return "context-length-exceeded";
  const said = readLimitText(asText(error.message) ?? "", now)?.reason;
  if (said) return said;
  // Its own deadline is a day: what it gives up before is a provider that does not answer.
  if (result.status === "timeout" || error.kind === "timeout") return "network-connection";
  return "worker-exit-failed";
}

function usageOf(result: Fields): {
  inputTokens?: number;
  cachedInputTokens?: number;
  outputTokens?: number;
  costUsd?: number;
} {
  const usage = asObject(result.usage) ?? {};
  const input = asNumber(usage.input);
  const written = asNumber(usage.cacheWrite) ?? 0;
  const cached = asNumber(usage.cacheRead);
  const output = asNumber(usage.output);
  const cost = asNumber(result.costUsd);
  return {
    ...(input === null ? {} : { inputTokens: input + written }),
    ...(cached === null ? {} : { cachedInputTokens: cached }),
    ...(output === null ? {} : { outputTokens: output }),
    // Of a model whose price it does not know it says 0.
    ...(cost === null || cost === 0 ? {} : { costUsd: cost }),
  };
}
