import { join } from "node:path";
import {
  type BackendSettings,
  type FailureReason,
  type Instant,
  largerUsage,
  type NamedLimit,
  type Usage,
} from "@agent-control-plane/core";
import * as z from "zod";
import type { BackendCommand } from "../session/session-spec.ts";
import { type Backend, cutText, oneLine, type PreparedFile, type Resumed, type SessionEvent } from "./backend.ts";
import { asArray, asNumber, asObject, asText, type Fields, parseJsonLine } from "./json-line.ts";
import { keyNameIn, keyVariable, withKeyFrom } from "./key-by-name.ts";
import { type LimitText, readLimitText, resetIn } from "./limit-text.ts";
import { loginKey, loginSeed } from "./login.ts";
import { toolServersKey, toolServersOf } from "./tool-servers.ts";
import { usageSince } from "./usage-since.ts";

const text = z.string().trim().min(1);

/**
 * Claude Code, headless: one JSON event a line. Its stream says how it ended; its exit code does not (0 after SIGINT,
 * and a failed request has subtype "success" with is_error true).
 */
export const claudeBackend: Backend = {
  name: "claude",
  settings: z.strictObject({
    file: text.nullable().default(null),
    model: text.default("sonnet"),
    permission_mode: z.enum(["acceptEdits", "bypassPermissions"]).default("bypassPermissions"),
    effort: z.enum(["low", "medium", "high", "max"]).nullable().default(null),
    base_url: z.url().nullable().default(null),
    api_key_env: keyVariable.default("ANTHROPIC_API_KEY"),
    max_retries: z.int().min(0).max(10).default(3),
    trust_repository: z.boolean().default(false),
    login: loginKey,
    tool_servers: toolServersKey,
  }),
  capabilities: {
    announcesStart: true,
    reportsUsage: true,
    reportsCost: true,
    resume: { keeps: ["claude/projects"] },
    outputSchema: true,
    local: false,
  },

  command: ({ model, promptFile, stateDir, settings, resume, cwd }) => {
    const args = ["-p", "--output-format", "stream-json", "--verbose"];
    if (settings.trust_repository !== true) args.push(...withoutRepositorySettings(cwd));
    args.push("--permission-mode", asText(settings.permission_mode) ?? "bypassPermissions");
    if (model) args.push("--model", model);
    const effort = asText(settings.effort);
    if (effort) args.push("--effort", effort);
    if (resume) args.push("--resume", resume);
    const configDir = join(stateDir, "claude");
    const tools = toolServersFile(join(configDir, "acp-tools.json"), settings);
    if (tools) args.push("--mcp-config", tools.path);
    const baseUrl = asText(settings.base_url);
    const keyVariable = asText(settings.api_key_env) ?? "ANTHROPIC_API_KEY";
    // TERM makes it kill its tools and leave within two seconds.
    const command: BackendCommand = {
      file: asText(settings.file) ?? "claude",
      args,
      stdinFile: promptFile,
      stopSignal: "SIGTERM",
      folders: [configDir],
    };
    return {
      command: ownKeyVariables.includes(keyVariable)
        ? command
        : { ...command, ...withKeyFrom(keyVariable, "ANTHROPIC_API_KEY", command) },
      env: {
        CLAUDE_CONFIG_DIR: configDir,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        // Ten tries last minutes in silence; our own backoff takes over much earlier.
        CLAUDE_CODE_MAX_RETRIES: String(asNumber(settings.max_retries) ?? 3),
        // Without the repository's settings it leaves out the repository's instructions, too; not of a folder added.
        CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: "1",
        // It refuses to work unattended as root unless told that something around it holds it.
        IS_SANDBOX: "1",
        ...(baseUrl === null ? {} : { ANTHROPIC_BASE_URL: baseUrl }),
      },
      seedFiles: loginSeed(settings.login, ".credentials.json", join(configDir, ".credentials.json")),
      ...(tools ? { files: [tools] } : {}),
    };
  },

  createParser: (now, resumed = null) => createClaudeParser(now, resumed),

  versionCommand: (settings) => ({ file: asText(settings.file) ?? "claude", args: ["--version"] }),

  health: (settings) => ({
    testedVersions: ["2.1.329"],
    keyNames: [...new Set([...keyNameIn(settings), ...ownKeyVariables])],
    login: {
      args: ["auth", "status", "--json"],
      isYes: (output, exitCode) => exitCode === 0 && /"loggedIn":\s*true/.test(output),
    },
  }),
};

/** Those it reads by itself; the last is what a subscription's login gives. */
const ownKeyVariables = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"];

/**
 * Unasked it runs hooks, tool servers and the key's helper of whoever wrote the repository's `.claude` and `.mcp.json`.
 * Measured: these together leave all of them out.
 */
function withoutRepositorySettings(cwd: string): readonly string[] {
  const settings = JSON.stringify({ disableAllHooks: true });
  return ["--setting-sources", "user", "--strict-mcp-config", "--settings", settings, "--add-dir", cwd];
}

/** It puts the values of the variables in itself. */
function toolServersFile(path: string, settings: BackendSettings): PreparedFile | null {
  const wanted = toolServersOf(settings);
  if (wanted.length === 0) return null;
  const mcpServers = Object.fromEntries(
    wanted.map(({ name, command, args, env }) => {
      const own = Object.fromEntries(env.map((each) => [each, `\${${each}:-}`]));
      return [name, { type: "stdio", command, args, env: own }];
    }),
  );
  return { path, text: JSON.stringify({ mcpServers }) };
}

function createClaudeParser(now: () => Instant, resumed: Resumed | null): ReturnType<Backend["createParser"]> {
  let nativeSessionId: string | null = null;
  let hasStarted = false;
  let result: Fields | null = null;
  let apiError: string | null = null;
  let rejected: { readonly until: Instant; readonly limit: NamedLimit | null } | null = null;
  const toolNames = new Map<string, string>();
  const messages = new Map<string, Usage>();

  function eventsOf(line: Fields): SessionEvent[] {
    nativeSessionId = asText(line.session_id) ?? nativeSessionId;
    const at = now();
    switch (line.type) {
      case "system":
        return systemEvents(line, at);
      case "assistant":
        apiError = line.api_error === "connection_failed" ? line.api_error : (asText(line.error) ?? apiError);
        return [
          ...asArray(asObject(line.message)?.content).flatMap((part) => assistantEvents(asObject(part) ?? {}, at)),
          ...messageUsage(asObject(line.message) ?? {}, at),
        ];
      case "user":
        return asArray(asObject(line.message)?.content).flatMap((part) => toolResults(asObject(part) ?? {}, at));
      case "control_request":
        return approvalAsked(asObject(line.request) ?? {}, at);
      case "rate_limit_event":
        return rateLimit(asObject(line.rate_limit_info) ?? {}, at);
      case "result":
        result = line;
        return [
          { at, kind: "usage", usage: largerUsage(soFar(), usageOf(line, resumed)) },
          { at, kind: "result", ok: isGood(line), text: cutText(asText(line.result) ?? "") },
        ];
      default:
        // tool_progress comes every 30 s while a tool runs, stuck or not: no sign of progress.
        return [];
    }
  }

  function systemEvents(line: Fields, at: Instant): SessionEvent[] {
    if (line.subtype === "init") {
      hasStarted = true;
      return [{ at, kind: "started", nativeSessionId, model: asText(line.model) }];
    }
    if (line.subtype === "api_retry") {
      const message = `request failed (${asText(line.error) ?? asNumber(line.error_status) ?? "unknown"}), try ${asNumber(line.attempt) ?? "?"}`;
      return [{ at, kind: "error", message, transient: true }];
    }
    if (line.subtype === "permission_denied") {
      return [{ at, kind: "error", message: "a tool was not permitted", transient: true }];
    }
    return [];
  }

  function approvalAsked(request: Fields, at: Instant): SessionEvent[] {
    if (request.subtype !== "can_use_tool") return [];
    return [{ at, kind: "approval", detail: asText(request.tool_name) ?? "a tool", answer: null }];
  }

  function assistantEvents(part: Fields, at: Instant): SessionEvent[] {
    if (part.type === "text") return [{ at, kind: "message", text: cutText(asText(part.text) ?? "") }];
    if (part.type !== "tool_use") return [];
    const id = asText(part.id) ?? "";
    const tool = asText(part.name) ?? "";
    toolNames.set(id, tool);
    return [{ at, kind: "tool-start", tool, id, detail: cutText(JSON.stringify(part.input ?? null), 500) }];
  }

  /**
   * A message comes in several lines, each with its usage as it was when the message began: what was read is whole then,
   * what is written is only known of all messages together, at the end.
   */
  function messageUsage(message: Fields, at: Instant): SessionEvent[] {
    const id = asText(message.id);
    const usage = tokensOf(asObject(message.usage) ?? {});
    if (id === null || Object.keys(usage).length === 0) return [];
    const known = messages.get(id);
    messages.set(id, known ? largerUsage(known, usage) : usage);
    return known ? [] : [{ at, kind: "usage", usage: soFar() }];
  }

  const soFar = (): Usage => [...messages.values()].reduce(plus, {});

  function toolResults(part: Fields, at: Instant): SessionEvent[] {
    if (part.type !== "tool_result") return [];
    const id = asText(part.tool_use_id) ?? "";
    const tool = toolNames.get(id) ?? "";
    toolNames.delete(id);
    return [{ at, kind: "tool-end", tool, id, ok: part.is_error !== true }];
  }

  function rateLimit(limit: Fields, at: Instant): SessionEvent[] {
    const resetsAt = asNumber(limit.resetsAt);
    const until = resetsAt === null ? null : resetsAt * 1000;
    const status = asText(limit.status) ?? "unknown";
    // Of several limits the last to end is the one that counts.
    if (status === "rejected" && until !== null && until >= (rejected?.until ?? 0)) {
      rejected = { until, limit: limitsByType[asText(limit.rateLimitType) ?? ""] ?? null };
    }
    return [{ at, kind: "rate-limit", status, retryAt: until }];
  }

  return {
    push: (line) => {
      const parsed = parseJsonLine(line);
      return parsed ? eventsOf(parsed) : [];
    },
    end: ({ exitCode, signal }) => {
      const usage = result ? largerUsage(soFar(), usageOf(result, resumed)) : soFar();
      if (result && isGood(result) && exitCode === 0) {
        return { good: true, failureReason: null, usage, nativeSessionId, summary: summaryOf(result), retryAt: null };
      }
      const said = limitSaid(result, apiError, now());
      const failureReason =
        resumed && !hasStarted && isRefusal(result, exitCode)
          ? "resume-refused"
          : (said?.reason ?? classify(result, apiError, exitCode));
      const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
      const summary = result ? summaryOf(result) : `no result event; ${how}`;
      const ending = { good: false, failureReason, usage, nativeSessionId, summary };
      if (rejected === null) return { ...ending, ...resetIn(said) };
      const limit = rejected.limit ?? said?.limit;
      return { ...ending, retryAt: rejected.until, ...(limit ? { limit } : {}) };
    },
  };
}

/** `rateLimitType` of its events. */
const limitsByType: { readonly [type: string]: NamedLimit } = {
  five_hour: { window: "five-hour", isOfModel: false },
  seven_day: { window: "weekly", isOfModel: false },
  seven_day_opus: { window: "weekly", isOfModel: true },
  seven_day_sonnet: { window: "weekly", isOfModel: true },
};

function isGood(result: Fields): boolean {
  return result.subtype === "success" && result.is_error === false;
}

function summaryOf(result: Fields): string {
  const [error] = asArray(result.errors).map(asText);
  return oneLine(asText(result.result) ?? error ?? asText(result.terminal_reason) ?? asText(result.subtype) ?? "");
}

/** A failed request is reported as the result's text; it tells a plan's limit from a refused request, and its end. */
function limitSaid(result: Fields | null, apiError: string | null, now: Instant): LimitText | null {
  const isRequest = apiError !== null || result?.terminal_reason === "api_error" || asNumber(result?.api_error_status);
  const text = result?.is_error === true && isRequest ? asText(result.result) : null;
  const said = text === null ? null : readLimitText(text, now);
  const isLimit = said !== null && ["usage-limit", "provider-quota-limit", "account-banned"].includes(said.reason);
  return isLimit ? said : null;
}

/** A conversation it does not know ends it before it has begun: an error result without a turn, or not even that. */
function isRefusal(result: Fields | null, exitCode: number | null): boolean {
  if (exitCode === null || exitCode === 0 || exitCode === 127) return false;
  return result === null || (result.subtype === "error_during_execution" && (asNumber(result.num_turns) ?? 0) === 0);
}

/** The result's tokens are of this run; its cost, after a resume, holds the earlier runs' too. */
function usageOf(result: Fields, resumed: Resumed | null): Usage {
  const total = asNumber(result.total_cost_usd);
  const before = resumed?.usageBefore.costUsd;
  const cost =
    total === null || before === undefined
      ? total
      : (usageSince({ costUsd: total }, { costUsd: before }).costUsd ?? null);
  return { ...tokensOf(asObject(result.usage) ?? {}), ...(cost === null ? {} : { costUsd: cost }) };
}

/** What was written into the cache was read by the model first. */
function tokensOf(usage: Fields): Usage {
  const fresh = asNumber(usage.input_tokens);
  const input = fresh === null ? null : fresh + (asNumber(usage.cache_creation_input_tokens) ?? 0);
  const cached = asNumber(usage.cache_read_input_tokens);
  const output = asNumber(usage.output_tokens);
  return {
    ...(input === null ? {} : { inputTokens: input }),
    ...(cached === null ? {} : { cachedInputTokens: cached }),
    ...(output === null ? {} : { outputTokens: output }),
  };
}

const plus = (one: Usage, other: Usage): Usage => ({
  inputTokens: (one.inputTokens ?? 0) + (other.inputTokens ?? 0),
  cachedInputTokens: (one.cachedInputTokens ?? 0) + (other.cachedInputTokens ?? 0),
  outputTokens: (one.outputTokens ?? 0) + (other.outputTokens ?? 0),
});

function classify(result: Fields | null, apiError: string | null, exitCode: number | null): FailureReason {
  const terminal = asText(result?.terminal_reason);
  if (terminal === "prompt_too_long") return "context-length-exceeded";
  if (terminal === "max_turns" || result?.subtype === "error_max_turns") return "turn-limit";
  if (terminal === "budget_exhausted" || result?.subtype === "error_max_budget_usd") return "budget-exhausted";
  // Without a status it is its own word: there is no login.
  if (asNumber(result?.api_error_status) === 401) return "auth-401";
  const byError = apiError === null ? undefined : reasonOfApiError[apiError];
  if (byError) return byError;
  if (result === null) return exitCode === 127 ? "agent-not-found" : "no-terminal-event";
  const status = asNumber(result.api_error_status);
  if (status === 403) return "auth-failure";
  if (status === 429 || status === 402) return "provider-quota-limit";
  if (status === 404) return "model-unavailable";
  if (status !== null) return "provider-error";
  return terminal === "api_error" ? "network-connection" : "worker-exit-failed";
}

const reasonOfApiError: { readonly [error: string]: FailureReason } = {
  authentication_failed: "auth-failure",
  rate_limit: "provider-quota-limit",
  billing_error: "provider-quota-limit",
  server_error: "provider-error",
  connection_failed: "network-connection",
  model_not_found: "model-unavailable",
  invalid_request: "provider-error",
};
