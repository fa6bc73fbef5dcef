import { join } from "node:path";
import type { BackendSettings } from "@agent-control-plane/core";
import * as z from "zod";
import type { Backend, CommandContext, PreparedCommand } from "./backend.ts";
import { asText } from "./json-line.ts";
import { reporterText } from "./opencode-reporter.ts";
import { createOpencodeParser } from "./opencode-stream.ts";

/** What a fork of opencode has of its own. */
export interface OpencodeKind {
  /** Of the backend, the program, and its folders. */
  readonly name: string;
  /** What its own variables begin with. */
  readonly prefix: string;
  /** Beside those that all of them have. */
  readonly env: Readonly<Record<string, string>>;
}

const text = z.string().trim().min(1);

const settings = z.strictObject({
  file: text.nullable().default(null),
  model: text.nullable().default(null),
  variant: text.nullable().default(null),
  base_url: z
    .string()
    .regex(/^https?:\/\/\S+$/, "an address, such as https://models.example.com/v1")
    .nullable()
    .default(null),
  api: z.enum(["chat", "responses", "messages"]).default("chat"),
  api_key_env: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of a variable, such as OPENAI_API_KEY")
    .nullable()
    .default(null),
});

/** opencode and its forks, `run --format json`: one file each, all that they share is here. */
export function opencodeLike(kind: OpencodeKind): Backend {
  return {
    name: kind.name,
    settings,
    capabilities: {
      announcesStart: true,
      reportsUsage: true,
      reportsCost: true,
      resume: { keeps: [`${kind.name}/db`] },
      outputSchema: false,
      local: false,
    },
    lacks: lackingModel,
    command: (context) => prepare(kind, context),
    createParser: (now, resumed = null) => createOpencodeParser(now, resumed),
    versionCommand: (own) => ({ file: asText(own.file) ?? kind.name, args: ["--version"] }),
  };
}

function lackingModel(own: BackendSettings): ReturnType<NonNullable<Backend["lacks"]>> {
  const model = asText(own.model);
  if (model === null && own.base_url === null && own.api_key_env === null) return null;
  if (model !== null && (own.base_url !== null || model.includes("/"))) return null;
  return {
    key: "model",
    message: model === null ? "An address or a key is of no use without a model." : `"${model}" names no provider.`,
    fix: "name provider and model, such as anthropic/claude-sonnet-4-5.",
  };
}

function prepare(kind: OpencodeKind, context: CommandContext): PreparedCommand {
  const { promptFile, stateDir, settings: own, resume = null } = context;
  const model = modelOf(context);
  const args = ["run", "--format", "json", "--print-logs", "--log-level", "ERROR"];
  if (model) args.push("-m", `${model.provider}/${model.id}`);
  const variant = asText(own.variant);
  if (variant) args.push("--variant", variant);
  // A title of its own making would cost a call of the model that its stream does not count.
  args.push(...(resume ? ["-s", resume] : ["--title", "work"]));
  const root = join(stateDir, kind.name);
  const folders = { config: join(root, "config"), data: join(root, "data"), state: join(root, "state") };
  const database = join(root, "db", `${kind.name}.db`);
  const ownFolder = join(folders.config, kind.name);
  const variables = {
    CONFIG_CONTENT: JSON.stringify(configuration(model, own)),
    DB: database,
    DISABLE_AUTOUPDATE: "1",
    DISABLE_MODELS_FETCH: "1",
    DISABLE_LSP_DOWNLOAD: "1",
    DISABLE_DEFAULT_PLUGINS: "1",
    // Plugins, commands and permissions that the repository brings.
    DISABLE_PROJECT_CONFIG: "1",
    DISABLE_SHARE: "1",
  };
  return {
    command: {
      file: asText(own.file) ?? kind.name,
      args,
      stdinFile: promptFile,
      stopSignal: "SIGTERM",
      folders: [join(root, "db")],
    },
    env: {
      XDG_CONFIG_HOME: folders.config,
      XDG_DATA_HOME: folders.data,
      XDG_STATE_HOME: folders.state,
      XDG_CACHE_HOME: join(root, "cache"),
      ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`${kind.prefix}_${name}`, value])),
      ...kind.env,
    },
    seedFiles: [
      { text: reporterText({ database, resume }), to: join(ownFolder, "plugin", "acp-reporter.js") },
      // It asks the registry for the types of plugins each time it starts; ours needs none.
      { text: "offline=true\n", to: join(ownFolder, ".npmrc") },
    ],
  };
}

interface Model {
  readonly provider: string;
  readonly id: string;
}

/** `provider/model`; behind an address of one's own the provider is only a name, and may be left out. */
function modelOf({ model, settings: own }: CommandContext): Model | null {
  if (model === null) return null;
  const slash = model.indexOf("/");
  if (slash > 0) return { provider: model.slice(0, slash), id: model.slice(slash + 1) };
  return { provider: asText(own.base_url) ? "custom" : model, id: model };
}

const packages = {
  chat: { npm: "@ai-sdk/openai-compatible", key: "OPENAI_API_KEY" },
  responses: { npm: "@ai-sdk/openai", key: "OPENAI_API_KEY" },
  messages: { npm: "@ai-sdk/anthropic", key: "ANTHROPIC_API_KEY" },
} as const;

/** A key is named here, never written: the program reads it from its environment. */
function configuration(model: Model | null, own: BackendSettings): object {
  const usual = { autoupdate: false, share: "disabled", permission: "allow", snapshot: false, lsp: false };
  if (!model) return usual;
  const name = `${model.provider}/${model.id}`;
  const chosen = { ...usual, model: name, small_model: name, enabled_providers: [model.provider] };
  const api = packages[own.api as keyof typeof packages] ?? packages.chat;
  const baseURL = asText(own.base_url);
  const key = asText(own.api_key_env) ?? (baseURL ? api.key : null);
  if (key === null) return chosen;
  const apiKey = `{env:${key}}`;
  const provider = baseURL
    ? { npm: api.npm, options: { baseURL, apiKey }, models: { [model.id]: { tool_call: true } } }
    : { options: { apiKey } };
  return { ...chosen, provider: { [model.provider]: provider } };
}
