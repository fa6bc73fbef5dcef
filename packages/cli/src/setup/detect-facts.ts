import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { BackendSettings, Profile } from "@agent-control-plane/core";
import { type Backend, backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { type InspectedRepository, inspectRepository, topFolder } from "../init/inspect-repository.ts";
import { installedProfiles } from "../profile/installed-profiles.ts";
import { isOnPath } from "../programs-on-path.ts";

/** An agent program that is installed here. Names and places only: no key is read. */
export interface FoundAgent {
  /** The backend's name. */
  readonly name: string;
  /** Variables of this environment that hold a key for it. */
  readonly keys: readonly string[];
  /** Where a person's own login for it lies, `~` for the home; null: not found. */
  readonly login: string | null;
}

export interface InstalledProfile {
  readonly id: string;
  readonly repoSlug: string;
  readonly repoRoot: string | null;
  readonly forge: "github" | "local";
  readonly codingWorker: string;
}

/** What this machine says before anybody is asked. */
export interface SetupFacts {
  /** Null: no checkout. */
  readonly repository: InspectedRepository | null;
  readonly agents: readonly FoundAgent[];
  readonly profiles: readonly InstalledProfile[];
  readonly hasGh: boolean;
}

type Around = Pick<CliContext, "env" | "cwd" | "home">;

/** Only looks. Throws `UserError` when `repoRoot` is not the top of a git checkout; null: there is to be none. */
export function detectFacts({ env, home }: Around, repoRoot: string | null): SetupFacts {
  return {
    repository: repoRoot === null ? null : inspectRepository(repoRoot, env),
    agents: backends.filter((backend) => isInstalled(backend, env)).map((backend) => agentOf(backend, env)),
    profiles: installedProfiles(home, env).map(factsOf),
    hasGh: isOnPath("gh", env),
  };
}

/** Where a person who is asked for a checkout most likely stands. */
export const likelyRoot = ({ env, cwd }: Around): string => topFolder(cwd, env) ?? cwd;

const defaultsOf = (backend: Backend): BackendSettings => backend.settings.parse({}) as BackendSettings;

/** What needs a setting before it can be found, as a command or an address, is nothing that is installed. */
function isInstalled(backend: Backend, env: NodeJS.ProcessEnv): boolean {
  const settings = defaultsOf(backend);
  if (backend.name === "shell" || backend.name === "ollama" || backend.lacks?.(settings)) return false;
  const program = backend.versionCommand(settings)?.file;
  return program !== undefined && isOnPath(program, env);
}

function agentOf(backend: Backend, env: NodeJS.ProcessEnv): FoundAgent {
  const names = backend.health?.(defaultsOf(backend)).keyNames ?? [];
  const file = loginFiles[backend.name];
  const isThere = file !== undefined && existsSync(join(env.HOME ?? homedir(), file.folder, file.name));
  return {
    name: backend.name,
    keys: names.filter((name) => (env[name] ?? "") !== ""),
    login: isThere ? `~/${file.folder}` : null,
  };
}

/** Where each program keeps what its own log-in command makes; `execution.<backend>.login` takes the folder. */
const loginFiles: Readonly<Record<string, { readonly folder: string; readonly name: string }>> = {
  claude: { folder: ".claude", name: ".credentials.json" },
  codex: { folder: ".codex", name: "auth.json" },
  gemini: { folder: ".gemini", name: "oauth_creds.json" },
  opencode: { folder: ".local/share/opencode", name: "auth.json" },
  kilo: { folder: ".local/share/kilo", name: "auth.json" },
  pi: { folder: ".pi/agent", name: "auth.json" },
};

/** One that cannot be read is nobody's proposal; writing over it is refused later, by its name. */
const factsOf = ({ id, repo, forge, execution }: Profile): InstalledProfile => ({
  id,
  repoSlug: repo.slug,
  repoRoot: repo.root,
  forge: forge.provider,
  codingWorker: execution.codingWorker,
});
