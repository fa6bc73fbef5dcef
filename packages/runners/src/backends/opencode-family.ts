import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BackendSettings } from "@agent-control-plane/core";
import * as z from "zod";
import type { Backend, CommandContext, PreparedCommand } from "./backend.ts";
import { asText } from "./json-line.ts";
import { loginKey, loginSeed } from "./login.ts";
import { endpointKeys, endpointOf, lackingModel, providerAndModel } from "./model-endpoint.ts";
import { reporterText } from "./opencode-reporter.ts";
import { createOpencodeParser } from "./opencode-stream.ts";

/** What a fork of opencode has of its own. */
export interface OpencodeKind {
  /** Of the backend, the program, and its folders. */
  readonly name: string;
  readonly testedVersion: string;
  /** What its own variables begin with. */
  readonly prefix: string;
  /** Beside those that all of them have. */
  readonly env: Readonly<Record<string, string>>;
  /** False: it may compute for a minute before it says a word, and that is a sign of life. */
  readonly announcesStart: boolean;
}

const text = z.string().trim().min(1);

const settings = z.strictObject({
  file: text.nullable().default(null),
  model: text.nullable().default(null),
  variant: text.nullable().default(null),
  ...endpointKeys,
  login: loginKey,
});

/** opencode and its forks, `run --format json`: one file each, all that they share is here. */
export function opencodeLike(kind: OpencodeKind): Backend {
  return {
    name: kind.name,
    settings,
    capabilities: {
      announcesStart: kind.announcesStart,
      reportsUsage: true,
      reportsCost: true,
      resume: { keeps: [`${kind.name}/db`] },
      outputSchema: false,
      local: false,
    },
    lacks: (own) => lackingModel(own, false),
    command: (context) => prepare(kind, context),
    createParser: (now, resumed = null) => createOpencodeParser(now, resumed),
    versionCommand: (own) => ({ file: asText(own.file) ?? kind.name, args: ["--version"] }),
    health: (own) => {
      const { keyVariable } = endpointOf(own);
      return {
        testedVersions: [kind.testedVersion],
        keyNames: keyVariable === null ? [] : [keyVariable],
        // It lists the models of the providers whose key or login it finds.
        login: { args: ["models"], isYes: (output, _, model) => linesFor(output, model).length > 0 },
        model: { args: ["models"], isYes: (output, _, model) => linesFor(output, model).includes(fullName(model)) },
      };
    },
  };
}

const fullName = (model: string | null): string => {
  const { provider, id } = providerAndModel(model ?? "");
  return `${provider}/${id}`;
};

/** `provider/model` each; without a model of the profile's, of all providers. */
function linesFor(output: string, model: string | null): readonly string[] {
  const start = model === null ? "" : `${providerAndModel(model).provider}/`;
  return output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^[^\s/]+\/\S+$/.test(line) && line.startsWith(start));
}

function prepare(kind: OpencodeKind, context: CommandContext): PreparedCommand {
  const { promptFile, stateDir, cwd, settings: own, resume = null } = context;
  const model = context.model === null ? null : providerAndModel(context.model);
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
    CONFIG_CONTENT: JSON.stringify({ ...configuration(model, own), instructions: instructionsIn(cwd) }),
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
    files: [
      { path: join(ownFolder, "plugin", "acp-reporter.js"), text: reporterText({ database, resume }) },
      // It asks the registry for the types of plugins each time it starts; ours needs none.
      { path: join(ownFolder, ".npmrc"), text: "offline=true\n" },
    ],
    seedFiles: loginSeed(own.login, "auth.json", join(folders.data, kind.name, "auth.json")),
  };
}

/** With the repository's configuration its words for agents would be off as well: the first of these is named instead. */
function instructionsIn(cwd: string): readonly string[] {
  const [found] = ["AGENTS.md", "CLAUDE.md", "CONTEXT.md"].map((name) => join(cwd, name)).filter(existsSync);
  return found === undefined ? [] : [found];
}

const packages = {
  "openai-completions": "@ai-sdk/openai-compatible",
  "openai-responses": "@ai-sdk/openai",
  "anthropic-messages": "@ai-sdk/anthropic",
} as const;

/** A key is named here, never written: the program reads it from its environment. */
function configuration(model: ReturnType<typeof providerAndModel> | null, own: BackendSettings): object {
  const usual = { autoupdate: false, share: "disabled", permission: "allow", snapshot: false, lsp: false };
  if (!model) return usual;
  const name = `${model.provider}/${model.id}`;
  const chosen = { ...usual, model: name, small_model: name, enabled_providers: [model.provider] };
  const { api, baseUrl: baseURL, keyVariable, contextTokens, maxOutputTokens, price } = endpointOf(own);
  if (keyVariable === null) return chosen;
  const apiKey = `{env:${keyVariable}}`;
  if (baseURL === null) return { ...chosen, provider: { [model.provider]: { options: { apiKey } } } };
  const known = {
    tool_call: true,
    limit: { context: contextTokens, output: maxOutputTokens },
    cost: { input: price.input, output: price.output, cache_read: price.read, cache_write: price.write },
  };
  const provider = { npm: packages[api], options: { baseURL, apiKey }, models: { [model.id]: known } };
  return { ...chosen, provider: { [model.provider]: provider } };
}
