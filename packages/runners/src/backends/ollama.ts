import { join } from "node:path";
import type { BackendSettings } from "@agent-control-plane/core";
import * as z from "zod";
import { type Backend, cutText, type ParsedEnding, type StreamParser } from "./backend.ts";
import { asNumber, asText } from "./json-line.ts";
import { keyNameIn } from "./key-by-name.ts";
import { readLimitText, resetIn } from "./limit-text.ts";
import { ownProgram } from "./own-program.ts";
import { createWorkerParser } from "./worker-events.ts";

const text = z.string().trim().min(1);
const address = z
  .string()
  .regex(/^https?:\/\/[^\s/@]+(\/[^\s]*)?$/, "a web address without user name or password, such as https://host/path");
const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const seconds = z.number().positive().max(31_536_000);

/**
 * A model of an Ollama server, with our own agent around it (`../ollama`), since Ollama has none: a program of its own
 * that prints our event lines. A limit of Ollama's cloud is told in words only, so those are read here.
 */
export const ollamaBackend: Backend = {
  name: "ollama",
  settings: z.strictObject({
    file: text.nullable().default(null),
    model: text.default("qwen2.5-coder:7b"),
    base_url: address.default("http://127.0.0.1:11434"),
    api_key_env: text.nullable().default(null),
    num_ctx: whole(2_048, 10_000_000).nullable().default(null),
    max_turns: whole(1, 10_000).default(60),
    temperature: z.number().min(0).max(2).nullable().default(null),
    think: z
      .union([z.boolean(), z.enum(["low", "medium", "high"])])
      .nullable()
      .default(null),
    keep_alive: text.nullable().default(null),
    command_timeout_seconds: seconds.default(240),
    response_timeout_seconds: seconds.default(240),
    max_retries: whole(0, 20).default(2),
    system_prompt: text.nullable().default(null),
  }),
  capabilities: {
    announcesStart: true,
    reportsUsage: true,
    reportsCost: false,
    resume: { keeps: ["ollama"] },
    outputSchema: false,
    local: true,
  },

  command: ({ model, promptFile, stateDir, settings, resume }) => {
    const folder = join(stateDir, "ollama");
    const { file, args } = program(settings);
    const more = [...serverArgs(settings, model), ...flagsOf(settings), "--state", folder];
    if (resume) more.push("--resume", resume);
    return {
      command: { file, args: [...args, ...more], stdinFile: promptFile, stopSignal: "SIGTERM", folders: [folder] },
      env: {},
    };
  },

  createParser: (now) => withLimits(createWorkerParser({ now, needsResult: true, isOwnStream: true }), now),

  versionCommand: (settings) => {
    const { file, args } = program(settings);
    return { file, args: [...args, "--check", ...serverArgs(settings, asText(settings.model))] };
  },

  // The check asks the server for its models.
  health: (settings) => ({
    testedVersions: [],
    keyNames: keyNameIn(settings),
    login: null,
    model: "with-version",
  }),
};

/** Ours, run by the Node that runs us, unless the profile names another. */
function program(settings: BackendSettings): { readonly file: string; readonly args: readonly string[] } {
  const own = asText(settings.file);
  return own ? { file: own, args: [] } : { file: process.execPath, args: [ownProgram("ollama-agent")] };
}

function serverArgs(settings: BackendSettings, model: string | null): readonly string[] {
  const key = asText(settings.api_key_env);
  const args = ["--model", model ?? "", "--base-url", asText(settings.base_url) ?? "http://127.0.0.1:11434"];
  return key === null ? args : [...args, "--api-key-env", key];
}

/** What the profile leaves empty is left to the program. */
function flagsOf(settings: BackendSettings): readonly string[] {
  const think = typeof settings.think === "boolean" ? String(settings.think) : asText(settings.think);
  const given: readonly (readonly [string, string | number | null])[] = [
    ["--num-ctx", asNumber(settings.num_ctx)],
    ["--max-turns", asNumber(settings.max_turns)],
    ["--temperature", asNumber(settings.temperature)],
    ["--think", think],
    ["--keep-alive", asText(settings.keep_alive)],
    ["--command-timeout", asNumber(settings.command_timeout_seconds)],
    ["--response-timeout", asNumber(settings.response_timeout_seconds)],
    ["--max-retries", asNumber(settings.max_retries)],
    ["--system", asText(settings.system_prompt)],
  ];
  return given.flatMap(([flag, value]) => (value === null ? [] : [`${flag}=${value}`]));
}

/** The status alone says that there is a limit; the server's words may say which, and until when. */
function withLimits(parser: StreamParser, now: () => number): StreamParser {
  return {
    push: parser.push,
    end: (exit): ParsedEnding => {
      const ending = parser.end(exit);
      if (ending.failureReason !== "provider-quota-limit") return ending;
      const limit = readLimitText(cutText(ending.summary), now());
      const isLimit = limit?.reason === "usage-limit" || limit?.reason === "provider-quota-limit";
      if (!limit || !isLimit) return ending;
      return { ...ending, failureReason: limit.reason, ...(ending.retryAt === null ? resetIn(limit) : {}) };
    },
  };
}
