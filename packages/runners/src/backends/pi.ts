import { join } from "node:path";
import type { FailureReason, Instant, Usage } from "@agent-control-plane/core";
import * as z from "zod";
import { type Backend, cutText, oneLine, type Resumed, type SessionEvent } from "./backend.ts";
import { asArray, asNumber, asObject, asText, type Fields, parseJsonLine } from "./json-line.ts";
import { keyNameIn, variableName } from "./key-by-name.ts";
import { type LimitText, readLimitText, resetIn } from "./limit-text.ts";
import { loginKey, loginSeed } from "./login.ts";

const text = z.string().trim().min(1);
const price = z.number().nonnegative().default(0);

/**
 * pi (`--mode json`): one JSON event a line. It exits with 0 whatever happened: how the model's last message stopped
 * decides. It asks for no permission and has no sandbox.
 */
export const piBackend: Backend = {
  name: "pi",
  settings: z.strictObject({
    file: text.nullable().default(null),
    model: text.nullable().default(null),
    base_url: z.url().nullable().default(null),
    api: z
      .enum(["openai-completions", "openai-responses", "anthropic-messages", "google-generative-ai"])
      .default("openai-completions"),
    api_key_env: z.string().regex(variableName).nullable().default(null),
    thinking: z.enum(["off", "minimal", "low", "medium", "high", "xhigh", "max"]).nullable().default(null),
    max_retries: z.number().int().min(0).max(20).default(3),
    context_tokens: z.number().int().min(1_000).max(100_000_000).default(200_000),
    max_output_tokens: z.number().int().min(100).max(10_000_000).default(32_000),
    price: z.strictObject({ input: price, output: price, cache_read: price, cache_write: price }).prefault({}),
    login: loginKey,
  }),
  capabilities: {
    announcesStart: true,
    reportsUsage: true,
    reportsCost: true,
    resume: { keeps: ["pi/sessions"] },
    outputSchema: false,
    local: false,
  },

  lacks: ({ base_url, model }) =>
    base_url === null || model !== null
      ? null
      : {
          key: "model",
          message: "An address of one's own (base_url) does not say which model to ask there.",
          fix: 'set the model, for example "my-model" or "my-provider/my-model".',
        },

  command: ({ model, promptFile, stateDir, settings, resume }) => {
    const home = join(stateDir, "pi");
    // Sessions in one folder, without the working directory in its name: each session works in another one.
    const args = ["--mode", "json", "--session-dir", join(home, "sessions")];
    // The repository's own extensions would run inside it.
    args.push("--no-approve");
    const chosen = chosenModel(model, asText(settings.base_url));
    if (chosen) args.push("--model", `${chosen.provider}${chosen.provider === "" ? "" : "/"}${chosen.id}`);
    const thinking = asText(settings.thinking);
    if (thinking) args.push("--thinking", thinking);
    // Not --session: of another directory it asks whether to, and by its path it would work in the old directory.
    if (resume) args.push("--fork", resume);
    return {
      command: { file: fileOf(settings), args, stdinFile: promptFile, stopSignal: "SIGTERM", folders: [home] },
      env: {
        PI_CODING_AGENT_DIR: home,
        PI_OFFLINE: "1",
        PI_TELEMETRY: "0",
        PI_SKIP_VERSION_CHECK: "1",
      },
      files: [
        { path: join(home, "settings.json"), text: asJson(settingsOf(settings)) },
        ...(chosen ? modelsFile(home, chosen, settings) : []),
      ],
      seedFiles: loginSeed(settings.login, "auth.json", join(home, "auth.json")),
    };
  },

  createParser: (now, resumed = null) => createPiParser(now, resumed),

  versionCommand: (settings) => ({ file: fileOf(settings), args: ["--version"] }),

  health: (settings) => ({
    testedVersions: ["0.87.1"],
    keyNames: keyNameIn(settings),
    login: { args: listModels, isYes: (output, _, model) => isOffered(output, { model, anyOfProvider: true }) },
    model: { args: listModels, isYes: (output, _, model) => isOffered(output, { model, anyOfProvider: false }) },
    takesUnknownModels: true,
  }),
};

/** Those of the providers whose key or login it finds. */
const listModels = ["--list-models"];

/** Lines of `provider  model  ...`; a model may be named by a part of its name. */
function isOffered(output: string, of: { readonly model: string | null; readonly anyOfProvider: boolean }): boolean {
  const rows = output.split("\n").map((line) => line.trim().split(/\s{2,}/));
  const offered = rows.slice(rows.findIndex(([first, second]) => first === "provider" && second === "model") + 1);
  const header = rows.length - offered.length;
  if (header === 0) return false;
  const chosen = chosenModel(of.model, null);
  const wanted = (chosen?.id ?? "").replace(/:[a-z]+$/, "");
  return offered.some(
    ([provider, model]) =>
      model !== undefined &&
      (!chosen?.provider || provider === chosen.provider) &&
      (of.anyOfProvider || model.includes(wanted)),
  );
}

function fileOf(settings: Fields): string {
  return asText(settings.file) ?? "pi";
}

interface ChosenModel {
  /** Empty: pi finds the one that has a model of this name. */
  readonly provider: string;
  readonly id: string;
}

function chosenModel(model: string | null, baseUrl: string | null): ChosenModel | null {
  if (!model) return null;
  const [, provider, id] = /^([^/]+)\/(.+)$/.exec(model) ?? [];
  if (provider !== undefined && id !== undefined) return { provider, id };
  return { provider: baseUrl ? "custom" : "", id: model };
}

function settingsOf(settings: Fields): object {
  const maxRetries = asNumber(settings.max_retries) ?? 3;
  return {
    quietStartup: true,
    enableInstallTelemetry: false,
    enableAnalytics: false,
    defaultProjectTrust: "never",
    cacheWarming: "off",
    // Those of the vendors' own libraries wait in silence for as long as they are told to.
    retry: { enabled: maxRetries > 0, maxRetries, maxAgentDelayMs: 15_000, provider: { maxRetries: 0 } },
  };
}

/** With an address of one's own all of the model is said here; else only under which name its key is found. */
function modelsFile(home: string, { provider, id }: ChosenModel, settings: Fields) {
  const baseUrl = asText(settings.base_url);
  const held = asText(settings.api_key_env);
  if (!baseUrl && (!held || provider === "")) return [];
  const api = asText(settings.api) ?? "openai-completions";
  const apiKey = `$${held ?? usualKeys[api] ?? "OPENAI_API_KEY"}`;
  const own = baseUrl ? { baseUrl, api, models: [modelOf(id, settings)] } : {};
  return [{ path: join(home, "models.json"), text: asJson({ providers: { [provider]: { ...own, apiKey } } }) }];
}

const usualKeys: { readonly [api: string]: string } = {
  "openai-completions": "OPENAI_API_KEY",
  "openai-responses": "OPENAI_API_KEY",
  "anthropic-messages": "ANTHROPIC_API_KEY",
  "google-generative-ai": "GEMINI_API_KEY",
};

function modelOf(id: string, settings: Fields): object {
  const prices = asObject(settings.price) ?? {};
  return {
    id,
    input: ["text"],
    contextWindow: asNumber(settings.context_tokens) ?? 200_000,
    maxTokens: asNumber(settings.max_output_tokens) ?? 32_000,
    cost: {
      input: asNumber(prices.input) ?? 0,
      output: asNumber(prices.output) ?? 0,
      cacheRead: asNumber(prices.cache_read) ?? 0,
      cacheWrite: asNumber(prices.cache_write) ?? 0,
    },
  };
}

const asJson = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** How often the flood of a message that is being written is worth an event. */
const updateMs = 5_000;

function createPiParser(now: () => Instant, resumed: Resumed | null): ReturnType<Backend["createParser"]> {
  const totals = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, costUsd: 0 };
  let nativeSessionId: string | null = null;
  let hasUsage = false;
  let last: Fields | null = null;
  /** Nothing was said after the last message of the model but that the work is over. */
  let isSettled = false;
  let lastText = "";
  let updateSeenAt: Instant | null = null;
  let complaint = "";

  function eventsOf(line: Fields): readonly SessionEvent[] {
    const at = now();
    switch (line.type) {
      case "session":
        nativeSessionId = asText(line.id);
        return [{ at, kind: "started", nativeSessionId, model: null }];
      case "message_end":
        return messageEnd(asObject(line.message) ?? {}, at);
      case "tool_execution_start":
        return [{ at, kind: "tool-start", ...toolOf(line), detail: cutText(JSON.stringify(line.args ?? null), 500) }];
      case "tool_execution_end":
        return [{ at, kind: "tool-end", ...toolOf(line), ok: line.isError !== true }];
      case "auto_retry_start":
        return [{ at, kind: "error", message: cutText(asText(line.errorMessage) ?? "retry"), transient: true }];
      case "compaction_end":
        return compactionEnd(line, at);
      case "agent_settled":
        isSettled = true;
        return [{ at, kind: "result", ok: isGood(), text: cutText(isGood() ? lastText : failureText()) }];
      default:
        return [];
    }
  }

  function messageEnd(message: Fields, at: Instant): readonly SessionEvent[] {
    const counted = count(asObject(message.usage), at);
    if (message.role !== "assistant") return counted;
    last = message;
    isSettled = false;
    const spoken = asArray(message.content)
      .map((part) => asObject(part) ?? {})
      .flatMap((part) => (part.type === "text" ? (asText(part.text) ?? []) : []))
      .join("\n");
    lastText = spoken || lastText;
    return [
      ...(spoken === "" ? [] : [{ at, kind: "message", text: cutText(spoken) } as const]),
      ...counted,
      ...(message.stopReason === "error"
        ? [{ at, kind: "error", message: cutText(failureText()), transient: false } as const]
        : []),
    ];
  }

  /** Making room in the conversation asks the model, too. */
  function compactionEnd(line: Fields, at: Instant): readonly SessionEvent[] {
    const failed = asText(line.errorMessage);
    return [
      ...count(asObject(asObject(line.result)?.usage), at),
      ...(failed ? [{ at, kind: "error", message: cutText(failed), transient: true } as const] : []),
    ];
  }

  /** Each message brings its own. Tokens read from the cache are not in its `input`; for us they are. */
  function count(usage: Fields | null, at: Instant): readonly SessionEvent[] {
    if (!usage) return [];
    hasUsage = true;
    const [input, read, write] = [usage.input, usage.cacheRead, usage.cacheWrite].map((each) => asNumber(each) ?? 0);
    totals.inputTokens += (input ?? 0) + (read ?? 0) + (write ?? 0);
    totals.cachedInputTokens += read ?? 0;
    totals.outputTokens += asNumber(usage.output) ?? 0;
    totals.costUsd += asNumber(asObject(usage.cost)?.total) ?? 0;
    return [{ at, kind: "usage", usage: usageNow() }];
  }

  /** The work goes on; what is being said comes as a whole later. */
  function update(): readonly SessionEvent[] {
    const at = now();
    if (updateSeenAt !== null && at - updateSeenAt < updateMs) return [];
    updateSeenAt = at;
    return [{ at, kind: "usage", usage: usageNow() }];
  }

  function usageNow(): Usage {
    if (!hasUsage) return {};
    // Of a model whose price it does not know it says 0.
    const { costUsd, ...tokens } = totals;
    return costUsd > 0 ? { ...tokens, costUsd } : tokens;
  }
  const isGood = (): boolean => isSettled && last?.stopReason === "stop";
  const failureText = (): string => asText(last?.errorMessage) ?? "";

  return {
    push: (line) => {
      const type = typeAtStart(line);
      if (type === "message_update" || type === "tool_execution_update") return update();
      if (type !== null && repeated.has(type)) return [];
      const parsed = parseJsonLine(line);
      return parsed ? eventsOf(parsed) : [];
    },
    pushErrorLine: (line) => {
      if (isComplaint.test(line)) complaint = line;
      return [];
    },
    end: ({ exitCode, signal }) => {
      const usage = usageNow();
      if (isGood() && exitCode === 0) {
        const summary = oneLine(lastText) || "finished";
        return { good: true, failureReason: null, usage, nativeSessionId, summary, retryAt: null };
      }
      const refused = resumed !== null && nativeSessionId === null && isUnknown.test(complaint);
      const stopped = isSettled ? last : null;
      const failed = refused
        ? ({ reason: "resume-refused", retryAt: null } as const)
        : classify(stopped, failureText() || complaint, exitCode, now());
      const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
      const summary = summaryOf(stopped, failureText(), complaint === "" ? "no end of the work" : complaint, how);
      return { good: false, failureReason: failed.reason, usage, nativeSessionId, summary, ...resetIn(failed) };
    },
  };
}

/** The same once more, at length: never read. */
const repeated: ReadonlySet<string> = new Set(["message_start", "turn_start", "turn_end", "agent_end", "queue_update"]);

/** Without reading the rest: a message that is being written comes in thousands of lines. */
function typeAtStart(line: string): string | null {
  return /^\{"type":"([a-z_]+)"/.exec(line.slice(0, 60))?.[1] ?? null;
}

function toolOf(line: Fields): { readonly tool: string; readonly id: string } {
  return { tool: asText(line.toolName) ?? "", id: asText(line.toolCallId) ?? "" };
}

/** Its own words on stderr about why it does not begin. */
const isComplaint = /^(?:Error\b|No session found|No API key|No models? |Session already exists)/;
const isUnknown = /^No session found/;

/** `failure` is the CLI's own error text: the HTTP status and the vendor's answer, or what the connection did. */
function classify(stopped: Fields | null, failure: string, exitCode: number | null, now: Instant): LimitText {
  if (exitCode === 127) return { reason: "agent-not-found", retryAt: null };
  const said = failure === "" ? null : readLimitText(failure, now);
  if (said) return said;
  if (stopped === null) return { reason: "no-terminal-event", retryAt: null };
  if (stopped.stopReason !== "error") return { reason: "worker-exit-failed", retryAt: null };
  if (/^(?:terminated|Connection error|Request timed out|fetch failed)/i.test(failure)) {
    return { reason: "network-connection", retryAt: null };
  }
  return { reason: reasonOfStatus(Number(/^(\d{3})\b/.exec(failure)?.[1])), retryAt: null };
}

function reasonOfStatus(status: number): FailureReason {
  if (status === 401) return "auth-401";
  if (status === 403) return "auth-failure";
  if (status === 404) return "model-unavailable";
  return status === 402 || status === 429 ? "provider-quota-limit" : "provider-error";
}

function summaryOf(stopped: Fields | null, failure: string, nothing: string, how: string): string {
  if (failure !== "") return oneLine(plainFailure(failure));
  if (stopped?.stopReason === "length") return "the model's answer was cut at its greatest length";
  return oneLine(stopped === null ? `${nothing}; ${how}` : `the model stopped: ${asText(stopped.stopReason)}; ${how}`);
}

/** The vendor's sentence, where its whole answer stands in the text. */
function plainFailure(failure: string): string {
  const [, status, json] = /^(\d{3}): (\{.*\})$/s.exec(failure) ?? [];
  const answer = json === undefined ? null : parseJsonLine(json);
  const message = asText(answer?.message) ?? asText(asObject(answer?.error)?.message);
  return message === null ? failure : `${status}: ${message}`;
}
