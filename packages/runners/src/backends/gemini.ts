import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FailureReason, Instant, Usage } from "@agent-control-plane/core";
import * as z from "zod";
import type { SeedFile } from "../session/session-spec.ts";
import { type Backend, cutText, oneLine, type PreparedFile, type Resumed, type SessionEvent } from "./backend.ts";
import { asNumber, asObject, asText, type Fields, parseJsonLine } from "./json-line.ts";
import { keyNameIn, keyVariable, withKeyFrom } from "./key-by-name.ts";
import { type LimitText, readLimitText, resetIn } from "./limit-text.ts";
import { loginKey, loginSeed } from "./login.ts";

const text = z.string().trim().min(1);

/** The name below which it keeps conversations; see `filesOf`. */
const project = "acp";
const chats = `.gemini/tmp/${project}/chats`;

/**
 * Gemini CLI, headless: one JSON event a line, the last one a `result` with the totals. Its exit code is the HTTP
 * status modulo 256 where a request was refused, and 0 also for an answer that was cut or blocked.
 */
export const geminiBackend: Backend = {
  name: "gemini",
  settings: z.strictObject({
    file: text.nullable().default(null),
    model: text.nullable().default("gemini-2.5-pro"),
    base_url: z.url().nullable().default(null),
    api_key_env: keyVariable.default("GEMINI_API_KEY"),
    max_turns: z.number().int().min(1).max(10_000).default(200),
    max_attempts: z.number().int().min(1).max(10).default(3),
    login: loginKey,
  }),
  capabilities: {
    announcesStart: true,
    reportsUsage: true,
    reportsCost: false,
    resume: { keeps: [`gemini/${chats}`] },
    outputSchema: false,
    local: false,
  },

  command: ({ model, promptFile, cwd, stateDir, settings, resume }) => {
    const home = join(stateDir, "gemini");
    const args = ["--output-format", "stream-json", "--approval-mode", "yolo"];
    // Tool servers are the repository's choice otherwise, and are started before the model is asked.
    args.push("--allowed-mcp-server-names", crypto.randomUUID());
    if (model) args.push("--model", model);
    if (resume) args.push("--resume", resume);
    const program = withKeyFrom(asText(settings.api_key_env) ?? ownKey, ownKey, { file: fileOf(settings), args });
    return {
      command: {
        ...program,
        stdinFile: promptFile,
        stopSignal: "SIGTERM",
        folders: [home],
        follows: { folder: join(home, chats), idLength: 8 },
      },
      env: environmentOf(home, asText(settings.base_url)),
      files: filesOf(home, cwd, settings),
      seedFiles: loginFiles(home, settings.login),
    };
  },

  createParser: (now, resumed = null) => createGeminiParser(now, resumed),

  versionCommand: (settings) => ({ file: fileOf(settings), args: ["--version"] }),

  health: (settings) => ({ testedVersions: ["0.61.0"], keyNames: keyNameIn(settings), login: null }),
};

/** The second says only whose login it is, and is not always there. */
function loginFiles(home: string, login: unknown): readonly SeedFile[] {
  const folder = join(home, ".gemini");
  const creds = loginSeed(login, "oauth_creds.json", join(folder, "oauth_creds.json"));
  const accounts = creds.map(({ from }) => ({
    from: join(dirname(from), "google_accounts.json"),
    to: join(folder, "google_accounts.json"),
    isSecret: true,
  }));
  return [...creds, ...accounts.filter(({ from }) => existsSync(from))];
}

const ownKey = "GEMINI_API_KEY";

function fileOf(settings: Fields): string {
  return asText(settings.file) ?? "gemini";
}

/**
 * All of these are set, because what is not set is taken from a `.gemini/.env` of the repository's: another host that
 * gets the key, or a request whose certificate nobody looks at.
 */
function environmentOf(home: string, baseUrl: string | null): Record<string, string> {
  return {
    GEMINI_CLI_HOME: home,
    GEMINI_CLI_SYSTEM_SETTINGS_PATH: settingsFile(home),
    // Otherwise it starts itself once more, and the first of the two swallows the signal that is to end it.
    GEMINI_CLI_NO_RELAUNCH: "true",
    // Without it there is no unattended work at all (exit code 55).
    GEMINI_CLI_TRUST_WORKSPACE: "true",
    GEMINI_TELEMETRY_ENABLED: "false",
    GEMINI_SANDBOX: "false",
    CODE_ASSIST_ENDPOINT: "https://cloudcode-pa.googleapis.com",
    GOOGLE_GEMINI_BASE_URL: baseUrl ?? "https://generativelanguage.googleapis.com",
    NODE_TLS_REJECT_UNAUTHORIZED: "1",
  };
}

const settingsFile = (home: string): string => join(home, ".gemini", "settings.json");

/**
 * The settings serve as the person's and as the system's: the second kind wins over the repository's own, but is only
 * read where no other account can write to a folder on its path.
 *
 * Conversations are kept below a name that is made of the working directory's, and each session has another one: the
 * mark says that this directory goes by ours.
 */
function filesOf(home: string, cwd: string, settings: Fields): readonly PreparedFile[] {
  return [
    { path: settingsFile(home), text: `${JSON.stringify(settingsOf(settings), null, 2)}\n` },
    { path: join(home, ".gemini", "tmp", project, ".project_root"), text: realPath(cwd) },
  ];
}

function settingsOf(settings: Fields): object {
  const selectedType = asText(settings.login) === null ? "gemini-api-key" : "oauth-personal";
  return {
    // Left out, an address of one's own means a way to log in that does not work unattended (exit code 41).
    security: { auth: { selectedType }, folderTrust: { enabled: false } },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    general: {
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
      // Ten tries, its own choice, are four minutes without a word.
      maxAttempts: asNumber(settings.max_attempts) ?? 3,
      // Ours are removed by the host.
      sessionRetention: { enabled: false },
    },
    model: { maxSessionTurns: asNumber(settings.max_turns) ?? 200 },
    hooksConfig: { enabled: false },
    tools: { discoveryCommand: "", callCommand: "" },
    advanced: { ignoreLocalEnv: true },
    // An "@name" in an issue is taken for a file to read; at least none is searched for.
    context: { fileFiltering: { enableRecursiveFileSearch: false } },
  };
}

/** As the program sees its working directory. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A piece of a message is not worth a line of its own. */
const pieceChars = 2_000;
const pieceMs = 5_000;

function createGeminiParser(now: () => Instant, resumed: Resumed | null): ReturnType<Backend["createParser"]> {
  const toolNames = new Map<string, string>();
  const said = { text: "", since: 0, last: "" };
  let nativeSessionId: string | null = null;
  let result: Fields | null = null;
  /** What it said right before the end: it stopped for that, even where the result is called a success. */
  let lastError: string | null = null;
  let complaint = "";
  const createdAt = now();
  const answers = new Map<string, Usage>();

  /** Its stream tells tokens at the very end only; its own record of the conversation, of each answer. */
  function recorded(line: Fields): readonly SessionEvent[] {
    const [id, tokens] = [asText(line.id), asObject(line.tokens)];
    const isOwn = Date.parse(asText(line.timestamp) ?? "") >= createdAt;
    if (line.type !== "gemini" || id === null || !tokens || answers.has(id) || !isOwn) return [];
    const [input, total] = [asNumber(tokens.input) ?? 0, asNumber(tokens.total) ?? 0];
    answers.set(id, {
      inputTokens: input,
      cachedInputTokens: asNumber(tokens.cached) ?? 0,
      outputTokens: Math.max(asNumber(tokens.output) ?? 0, total - input),
    });
    return [{ at: now(), kind: "usage", usage: soFar() }];
  }

  function soFar(): Usage {
    const sum = (name: "inputTokens" | "cachedInputTokens" | "outputTokens") =>
      [...answers.values()].reduce((all, usage) => all + (usage[name] ?? 0), 0);
    if (answers.size === 0) return {};
    return {
      inputTokens: sum("inputTokens"),
      cachedInputTokens: sum("cachedInputTokens"),
      outputTokens: sum("outputTokens"),
    };
  }

  function eventsOf(line: Fields): readonly SessionEvent[] {
    const at = now();
    if (line.type === "message") return line.role === "assistant" ? piece(asText(line.content) ?? "", at) : [];
    return [...wholeMessage(at), ...otherEvents(line, at)];
  }

  function otherEvents(line: Fields, at: Instant): readonly SessionEvent[] {
    if (line.type !== "result" && line.type !== "error") lastError = null;
    switch (line.type) {
      case "init":
        nativeSessionId = asText(line.session_id);
        return [{ at, kind: "started", nativeSessionId, model: asText(line.model) }];
      case "tool_use":
        return toolStart(line, at);
      case "tool_result":
        return toolEnd(line, at);
      case "error":
        lastError = asText(line.message) ?? "error";
        return [{ at, kind: "error", message: cutText(lastError), transient: line.severity !== "error" }];
      case "result":
        result = line;
        return [
          { at, kind: "usage", usage: usageOf(line) },
          { at, kind: "result", ok: isGood(), text: cutText(isGood() ? said.last : failureText()) },
        ];
      default:
        return [];
    }
  }

  /** It prints each piece as it comes from the model. */
  function piece(content: string, at: Instant): readonly SessionEvent[] {
    lastError = null;
    if (said.text === "") said.since = at;
    said.text += content;
    return said.text.length >= pieceChars || at - said.since >= pieceMs ? wholeMessage(at) : [];
  }

  function wholeMessage(at: Instant): readonly SessionEvent[] {
    if (said.text === "") return [];
    said.last = said.text;
    said.text = "";
    return [{ at, kind: "message", text: cutText(said.last) }];
  }

  function toolStart(line: Fields, at: Instant): readonly SessionEvent[] {
    const [id, tool] = [asText(line.tool_id) ?? "", asText(line.tool_name) ?? ""];
    toolNames.set(id, tool);
    return [{ at, kind: "tool-start", tool, id, detail: cutText(JSON.stringify(line.parameters ?? null), 500) }];
  }

  function toolEnd(line: Fields, at: Instant): readonly SessionEvent[] {
    const id = asText(line.tool_id) ?? "";
    const tool = toolNames.get(id) ?? "";
    toolNames.delete(id);
    return [{ at, kind: "tool-end", tool, id, ok: line.status === "success" }];
  }

  const isGood = (): boolean => result?.status === "success" && lastError === null;
  const failureText = (): string => asText(asObject(result?.error)?.message) ?? lastError ?? "";

  return {
    push: (line) => {
      const parsed = parseJsonLine(line);
      return parsed ? eventsOf(parsed) : [];
    },
    pushErrorLine: (line) => {
      if (isComplaint.test(line)) complaint = line;
      return [];
    },
    pushFileLine: (line) => {
      const parsed = line.includes('"tokens"') ? parseJsonLine(line) : null;
      return parsed ? recorded(parsed) : [];
    },
    end: ({ exitCode, signal }) => {
      const usage = result ? usageOf(result) : soFar();
      if (isGood() && exitCode === 0) {
        const summary = oneLine(said.last) || "finished";
        return { good: true, failureReason: null, usage, nativeSessionId, summary, retryAt: null };
      }
      const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
      const refused = resumed !== null && nativeSessionId === null && exitCode === exitCodes.input;
      const failure = failureText();
      const failed = refused
        ? ({ reason: "resume-refused", retryAt: null } as const)
        : classify(result, failure, exitCode, now());
      const nothing = complaint === "" ? "no result event" : complaint;
      const summary = oneLine(failure === "" ? `${nothing}; ${how}` : plainFailure(failure));
      return { good: false, failureReason: failed.reason, usage, nativeSessionId, summary, ...resetIn(failed) };
    },
  };
}

/** Its own words on stderr about why it does not begin, among warnings about the terminal. */
const isComplaint = /^(?:Error\b|When using|Invalid|Gemini CLI is not running in a trusted|Please set)/;

/** This run's own, also after a resume. Its output leaves out what the model thought, and the vendor bills it. */
function usageOf(result: Fields): Usage {
  const stats = asObject(result.stats) ?? {};
  const [input, cached] = [asNumber(stats.input_tokens), asNumber(stats.cached)];
  const [output, total] = [asNumber(stats.output_tokens), asNumber(stats.total_tokens)];
  return {
    ...(input === null ? {} : { inputTokens: input }),
    ...(cached === null ? {} : { cachedInputTokens: cached }),
    ...(output === null ? {} : { outputTokens: Math.max(output, (total ?? 0) - (input ?? 0)) }),
  };
}

const exitCodes = { login: 41, input: 42, turns: 53 } as const;

/** `failure` is the CLI's own error text, often the vendor's answer as it came. */
function classify(result: Fields | null, failure: string, exitCode: number | null, now: Instant): LimitText {
  const own = reasonOfOwn(asText(asObject(result?.error)?.type), failure, exitCode);
  if (own) return { reason: own, retryAt: null };
  if (result === null) {
    return { reason: exitCode === 127 ? "agent-not-found" : "no-terminal-event", retryAt: null };
  }
  const said = readLimitText(failure, now);
  if (said) return said;
  const byStatus = reasonOfStatus(statusOf(failure) ?? statusOfExit(exitCode));
  if (byStatus) return { reason: byStatus, retryAt: null };
  if (/\bterminated\b/.test(failure)) return { reason: "network-connection", retryAt: null };
  // What the API answered could not be used: cut, blocked, empty, or no JSON.
  const isAnswer = failure.startsWith("[API Error:") || (result.status === "error" && !asObject(result.error));
  return { reason: isAnswer ? "provider-error" : "worker-exit-failed", retryAt: null };
}

function reasonOfOwn(type: string | null, failure: string, exitCode: number | null): FailureReason | null {
  if (exitCode === exitCodes.login || type === "FatalAuthenticationError") return "auth-failure";
  if (exitCode === exitCodes.turns || type === "FatalTurnLimitedError") return "turn-limit";
  if (failure === "Maximum session turns exceeded") return "turn-limit";
  return failure.startsWith("Context window will overflow") ? "context-length-exceeded" : null;
}

function statusOf(failure: string): number | null {
  return asNumber(asObject(asObject(answerIn(failure))?.error)?.code);
}

/** Exit codes end at 255: 400 comes out as 144, 529 as 17. Those of its own stand below 56. */
function statusOfExit(exitCode: number | null): number | null {
  if (exitCode === null || exitCode === 0 || exitCode === 1) return null;
  const status = [256, 512].map((lost) => exitCode + lost).find((each) => each >= 400 && each < 600);
  return status ?? null;
}

function reasonOfStatus(status: number | null): FailureReason | null {
  if (status === null) return null;
  if (status === 401) return "auth-401";
  if (status === 403) return "auth-failure";
  if (status === 404) return "model-unavailable";
  if (status === 402 || status === 429) return "provider-quota-limit";
  return status >= 400 ? "provider-error" : null;
}

function answerIn(failure: string): Fields | null {
  const json = /^\[API Error: (\{.*\})\]/s.exec(failure)?.[1];
  return json === undefined ? null : parseJsonLine(json);
}

/** The vendor's sentence, where the whole answer stands in the text. */
function plainFailure(failure: string): string {
  return asText(asObject(answerIn(failure)?.error)?.message) ?? failure.replace(/^\[API Error: (.*?)\]?$/ms, "$1");
}
