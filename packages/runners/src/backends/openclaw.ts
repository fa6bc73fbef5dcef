import { join } from "node:path";
import type { FailureReason, Instant } from "@agent-control-plane/core";
import * as z from "zod";
import { type Backend, cutText, oneLine, type SessionEvent, type StreamParser } from "./backend.ts";
import { asNumber, asObject, asText, type Fields } from "./json-line.ts";
import { readLimitText, resetIn } from "./limit-text.ts";
import { endpointKeys, endpointOf, lackingModel, providerAndModel } from "./model-endpoint.ts";
import { unprovenRetryAt } from "./unproven-limit.ts";

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
    ...endpointKeys,
  }),
  capabilities: {
    announcesStart: false,
    reportsUsage: true,
    reportsCost: true,
    resume: null,
    outputSchema: false,
    local: false,
  },

  lacks: (settings) => lackingModel(settings, true),

  command: ({ model, promptFile, stateDir, cwd, settings }) => {
    const config = join(stateDir, "openclaw", "config.json");
    const args = ["agent", "exec", "--json", "--config", config, "--cwd", cwd, "--message-file", promptFile];
    // Its own deadline is ten minutes; the session's wall clock is ours.
    args.push("--timeout", "86400");
    if (model) {
      const { provider, id } = providerAndModel(model);
      args.push("--model", `${provider}/${id}`);
    }
    const thinking = asText(settings.thinking);
    if (thinking) args.push("--thinking", thinking);
    return {
      command: { file: asText(settings.file) ?? "openclaw", args, stdinFile: null, stopSignal: "SIGTERM" },
      env: { OPENCLAW_NO_AUTO_UPDATE: "1", OPENCLAW_NO_RESPAWN: "1", OPENCLAW_DISABLE_BONJOUR: "1" },
      files: [{ path: config, text: JSON.stringify(configuration(model, settings)) }],
    };
  },

  createParser: (now) => createOpenclawParser(now),

  versionCommand: (settings) => ({ file: asText(settings.file) ?? "openclaw", args: ["--version"] }),

  health: (settings) => {
    const { keyVariable } = endpointOf(settings);
    return { testedVersions: ["2026.9.6"], keyNames: keyVariable === null ? null : [keyVariable], login: null };
  },
};

/** The key stands there by the name of its variable alone. */
function configuration(model: string | null, settings: Fields): object {
  if (model === null) return {};
  const { provider, id } = providerAndModel(model);
  const agents = { defaults: { model: { primary: `${provider}/${id}` } } };
  const { api, baseUrl, keyVariable, contextTokens, maxOutputTokens, price } = endpointOf(settings);
  const apiKey = keyVariable === null ? null : `\${${keyVariable}}`;
  if (baseUrl === null) {
    return apiKey === null ? { agents } : { agents, models: { providers: { [provider]: { apiKey } } } };
  }
  const known = {
    ...{ id, name: id, contextWindow: contextTokens, maxTokens: maxOutputTokens, input: ["text"], reasoning: false },
    cost: { input: price.input, output: price.output, cacheRead: price.read, cacheWrite: price.write },
  };
  return { agents, models: { mode: "replace", providers: { [provider]: { baseUrl, apiKey, api, models: [known] } } } };
}

type ProviderWait = SessionEvent & { readonly kind: "provider-wait" };

/** Its answer is a few kilobytes; what is far larger is none. */
const maxAnswerLength = 4 * 1024 * 1024;

function createOpenclawParser(now: () => Instant): StreamParser {
  let answer = "";
  let result: Fields | null = null;
  let waiting: ProviderWait | null = null;

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
    pushErrorLine: (line) => {
      const seen = waitIn(line, now());
      if (seen) waiting = seen;
      return seen ? [seen] : [];
    },
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
      const unsaid = waiting?.reason ?? (exitCode === 127 ? "agent-not-found" : "no-terminal-event");
      const failureReason = result ? classify(result, now()) : unsaid;
      const silence = waiting ? `it waited: ${waiting.detail}` : `no answer of its own; ${how}`;
      const summary = oneLine(message) || silence;
      const reset = result ? resetIn(readLimitText(message, now())) : { retryAt: waiting?.until ?? null };
      return { good: false, failureReason, usage, nativeSessionId, summary, ...reset };
    },
  };
}

/**
 * Its own log says each time that it will ask again, why, and after how long:
 * `[agent/embedded] transient same-model retry 1/9 for p/m reason=rate_limit: delayMs=3600000`. The log holds what tools
 * said as well, over several lines, and a program of the repository can write such a line there.
 */
function waitIn(line: string, at: Instant): ProviderWait | null {
  const said = /^\[agent\/embedded\] \S+ same-model retry \S+ for \S+ reason=(\w+): delayMs=(\d+)/.exec(line);
  if (!said) return null;
  const delayMs = Number(said[2]);
  const reason = reasonsOfWaits[said[1] ?? ""] ?? "provider-error";
  const until = delayMs > longestOwnPauseMs ? unprovenRetryAt(at + delayMs, at) : null;
  return { at, kind: "provider-wait", reason, until, detail: oneLine(line.replace("[agent/embedded] ", "")) };
}

const longestOwnPauseMs = 60_000;

const reasonsOfWaits: { readonly [reason: string]: FailureReason } = {
  rate_limit: "provider-quota-limit",
  billing: "provider-quota-limit",
  auth: "auth-401",
  auth_permanent: "auth-failure",
  timeout: "network-connection",
  network: "network-connection",
  model_not_found: "model-unavailable",
};

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
  // It asked again three times, and could make nothing of any answer. Other turns it calls incomplete said nothing.
  if (error.kind === "incomplete_turn" && asText(error.message)?.startsWith("Error reading response"))
    return "provider-error";
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
