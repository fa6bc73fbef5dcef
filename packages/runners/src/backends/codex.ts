import { join } from "node:path";
import {
  type BackendSettings,
  type FailureReason,
  type Instant,
  largerUsage,
  type Usage,
} from "@agent-control-plane/core";
import * as z from "zod";
import { type Backend, cutText, oneLine, type Resumed, type SessionEvent } from "./backend.ts";
import { asNumber, asObject, asText, type Fields, parseJsonLine } from "./json-line.ts";
import { keyNameIn, variableName } from "./key-by-name.ts";
import { readLimitText, resetIn } from "./limit-text.ts";
import { loginKey, loginSeed } from "./login.ts";
import { toolServersKey, toolServersOf } from "./tool-servers.ts";
import { usageSince } from "./usage-since.ts";

const text = z.string().trim().min(1);

/** The only one it reads by itself. */
const ownKeyVariable = "CODEX_API_KEY";

/**
 * Codex, `exec --json`. The turn's own end event decides: an `error` line is often only a retry, an `error` item often
 * a warning, and exit code 0 comes also when its sandbox refused everything.
 */
export const codexBackend: Backend = {
  name: "codex",
  settings: z.strictObject({
    file: text.nullable().default(null),
    model: text.nullable().default(null),
    mode: z.enum(["safe", "bypass"]).default("bypass"),
    base_url: z.url().nullable().default(null),
    api_key_env: z.string().regex(variableName).default(ownKeyVariable),
    max_retries: z.int().min(0).max(10).default(3),
    trust_repository: z.boolean().default(false),
    login: loginKey,
    tool_servers: toolServersKey,
  }),
  capabilities: {
    announcesStart: true,
    reportsUsage: true,
    reportsCost: false,
    resume: { keeps: ["codex/sessions"] },
    outputSchema: true,
    local: false,
  },

  command: ({ model, promptFile, stateDir, settings, resume }) => {
    const args = ["exec"];
    if (resume) args.push("resume", resume);
    args.push("--json", "--skip-git-repo-check", "--disable", "plugins");
    // Without this it waits 5 s for an upload where there is no internet.
    args.push("-c", "analytics.enabled=false");
    // A repository nobody called trusted has its instructions read, and neither its hooks nor its tool servers run.
    args.push(...(settings.trust_repository === true ? ["--trust"] : ["--disable", "hooks"]));
    if (model) args.push("-m", model);
    if (settings.mode === "bypass") args.push("--dangerously-bypass-approvals-and-sandbox");
    else args.push("-c", 'sandbox_mode="workspace-write"');
    for (const override of [...providerOf(settings), ...toolServers(settings)]) args.push("-c", override);
    args.push("-");
    const home = join(stateDir, "codex");
    return {
      // INT is the only signal after which it ends its tools.
      command: {
        file: asText(settings.file) ?? "codex",
        args,
        stdinFile: promptFile,
        stopSignal: "SIGINT",
        folders: [home],
        follows: { folder: join(home, "sessions"), idLength: 36 },
      },
      env: { CODEX_HOME: home },
      seedFiles: loginSeed(settings.login, "auth.json", join(home, "auth.json")),
    };
  },

  createParser: (now, resumed = null) => createCodexParser(now, resumed),

  versionCommand: (settings) => ({ file: asText(settings.file) ?? "codex", args: ["--version"] }),

  health: (settings) => ({
    testedVersions: ["0.169.0"],
    keyNames: keyNameIn(settings),
    login: {
      args: ["login", "status"],
      isYes: (output, exitCode) => exitCode === 0 && !/not logged in/i.test(output),
    },
  }),
};

/**
 * A place or a key of the profile's is a provider of its own: the built-in one takes neither a variable's name nor
 * a number of tries.
 */
function providerOf(settings: BackendSettings): readonly string[] {
  const url = asText(settings.base_url);
  const keyVariable = asText(settings.api_key_env) ?? ownKeyVariable;
  if (url === null && keyVariable === ownKeyVariable) return [];
  const retries = asNumber(settings.max_retries) ?? 3;
  const provider = {
    name: JSON.stringify("acp"),
    base_url: JSON.stringify(url ?? "https://api.openai.com/v1"),
    wire_api: JSON.stringify("responses"),
    env_key: JSON.stringify(keyVariable),
    request_max_retries: retries,
    stream_max_retries: retries,
  };
  const fields = Object.entries(provider).map(([name, value]) => `${name}=${value}`);
  return ["model_provider=acp", `model_providers.acp={${fields.join(",")}}`];
}

/** It takes no variable of its own environment for them but those that are named. */
function toolServers(settings: BackendSettings): readonly string[] {
  return toolServersOf(settings).map(({ name, command, args, env }) => {
    const fields = { command, args, env_vars: env };
    const texts = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    return `mcp_servers.${name}={${texts.join(",")}}`;
  });
}

function createCodexParser(now: () => Instant, resumed: Resumed | null): ReturnType<Backend["createParser"]> {
  let nativeSessionId: string | null = null;
  let terminal: "completed" | "failed" | null = null;
  let failure = "";
  let usage: Usage = {};
  let lastMessage = "";
  const createdAt = now();

  /** Its stream tells tokens at the end of a turn only; its own record of the conversation, after each answer. */
  function recorded(line: Fields): SessionEvent[] {
    const { type, info } = asObject(line.payload) ?? {};
    const total = asObject(asObject(info)?.total_token_usage);
    if (type !== "token_count" || !total || !(Date.parse(asText(line.timestamp) ?? "") >= createdAt)) return [];
    usage = largerUsage(usage, ownUsage(usageOf(total)));
    return [{ at: now(), kind: "usage", usage }];
  }

  function eventsOf(line: Fields): SessionEvent[] {
    const at = now();
    switch (line.type) {
      case "thread.started":
        nativeSessionId = asText(line.thread_id);
        return [{ at, kind: "started", nativeSessionId, model: null }];
      case "turn.started":
        terminal = null;
        return [];
      case "item.started":
        return itemStarted(asObject(line.item) ?? {}, at);
      case "item.completed":
        return itemCompleted(asObject(line.item) ?? {}, at);
      case "turn.completed":
        terminal = "completed";
        usage = largerUsage(usage, ownUsage(usageOf(asObject(line.usage) ?? {})));
        return [
          { at, kind: "usage", usage },
          { at, kind: "result", ok: true, text: cutText(lastMessage) },
        ];
      case "turn.failed":
        terminal = "failed";
        failure = asText(asObject(line.error)?.message) ?? failure;
        return [{ at, kind: "result", ok: false, text: cutText(failure) }];
      case "error":
        failure = asText(line.message) ?? failure;
        return [{ at, kind: "error", message: cutText(failure), transient: /^Reconnecting/.test(failure) }];
      default:
        return approvalAsked(line, at);
    }
  }

  /** Its older and its newer way to ask; `exec` is run so that it has nothing to ask. */
  function approvalAsked(line: Fields, at: Instant): SessionEvent[] {
    const name = asText(asObject(line.msg)?.type) ?? asText(line.method) ?? asText(line.type) ?? "";
    if (!/(?:_approval_request|\/requestApproval|elicitation_request)$/.test(name)) return [];
    return [{ at, kind: "approval", detail: name, answer: null }];
  }

  /** Of another conversation than the one it was to go on with, nothing was counted before. */
  function ownUsage(total: Usage): Usage {
    return resumed && nativeSessionId === resumed.nativeSessionId ? usageSince(total, resumed.usageBefore) : total;
  }

  function itemStarted(item: Fields, at: Instant): SessionEvent[] {
    const type = asText(item.type) ?? "";
    if (!isTool(type)) return [];
    const detail = asText(item.command) ?? asText(item.tool) ?? asText(item.query) ?? "";
    return [{ at, kind: "tool-start", tool: type, id: asText(item.id) ?? "", detail: cutText(detail, 500) }];
  }

  function itemCompleted(item: Fields, at: Instant): SessionEvent[] {
    const type = asText(item.type) ?? "";
    if (type === "agent_message") {
      lastMessage = asText(item.text) ?? "";
      return [{ at, kind: "message", text: cutText(lastMessage) }];
    }
    if (type === "error") {
      return [{ at, kind: "error", message: cutText(asText(item.message) ?? ""), transient: true }];
    }
    if (!isTool(type)) return [];
    const exitCode = asNumber(item.exit_code);
    const ok = item.status === "completed" && (exitCode === null || exitCode === 0);
    return [{ at, kind: "tool-end", tool: type, id: asText(item.id) ?? "", ok }];
  }

  return {
    push: (line) => {
      const parsed = parseJsonLine(line);
      return parsed ? eventsOf(parsed) : [];
    },
    pushFileLine: (line) => {
      const parsed = line.includes('"token_count"') ? parseJsonLine(line) : null;
      return parsed ? recorded(parsed) : [];
    },
    end: ({ exitCode, signal }) => {
      if (terminal === "completed" && exitCode === 0) {
        const summary = oneLine(lastMessage) || "turn completed";
        return { good: true, failureReason: null, usage, nativeSessionId, summary, retryAt: null };
      }
      const isRefused = resumed !== null && nativeSessionId === null && failure === "" && isOwnFailure(exitCode);
      const said = readLimitText(failure, now());
      const failureReason = isRefused ? "resume-refused" : (said?.reason ?? classify(terminal, exitCode));
      const how = signal ? `ended by ${signal}` : `exit code ${exitCode}`;
      const nothing = isRefused ? `the conversation ${resumed.nativeSessionId} is not known` : "no end of the turn";
      const summary = oneLine(failure === "" ? `${nothing}; ${how}` : failure);
      return { good: false, failureReason, usage, nativeSessionId, summary, ...resetIn(said) };
    },
  };
}

/** It says that it does not know a conversation on stderr alone, and ends before its first event. */
const isOwnFailure = (exitCode: number | null): boolean => exitCode !== null && exitCode !== 0 && exitCode !== 127;

function isTool(type: string): boolean {
  return type !== "" && type !== "agent_message" && type !== "reasoning" && type !== "error" && type !== "todo_list";
}

/** Of the whole thread: after a resume the earlier runs' tokens are in it. Its input holds what was cached. */
function usageOf(fields: Fields): Usage {
  const input = asNumber(fields.input_tokens);
  const cached = asNumber(fields.cached_input_tokens);
  const output = asNumber(fields.output_tokens);
  return {
    ...(input === null ? {} : { inputTokens: Math.max(0, input - (cached ?? 0)) }),
    ...(cached === null ? {} : { cachedInputTokens: cached }),
    ...(output === null ? {} : { outputTokens: output }),
  };
}

/** For a failure whose text says nothing known; the CLI gives no code in this mode. */
function classify(terminal: string | null, exitCode: number | null): FailureReason {
  if (terminal === null) return exitCode === 127 ? "agent-not-found" : "no-terminal-event";
  return "worker-exit-failed";
}
