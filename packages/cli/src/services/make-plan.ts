import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  type BackendSettings,
  listProfileIds,
  loadProfile,
  loadSecrets,
  type Profile,
  UserError,
} from "@agent-control-plane/core";
import { passedNames } from "@agent-control-plane/runners";
import { backendNamed, backends } from "@agent-control-plane/runners/backends";
import { cliEntry } from "../assets.ts";
import { usedProviders } from "../backends/used-providers.ts";
import type { CliContext } from "../context.ts";
import { installedProfiles } from "../profile/installed-profiles.ts";
import { noProfile } from "../select-profile.ts";
import { currentVersion, pathOfCurrentCli } from "../versions/installed-versions.ts";
import type { Served } from "./served.ts";
import { type FoundTool, servicePath } from "./service-path.ts";
import { type ServicePlan, serviceLog } from "./service-plan.ts";

export interface PlannedService {
  readonly plan: ServicePlan;
  readonly tools: readonly FoundTool[];
  /** What a service will not find although this shell does, with what to do. */
  readonly hints: readonly string[];
}

/** What a daemon takes after its drain until it leaves without the sessions that do not end, and some more. */
const afterDrainSeconds = 75;

/** Where the dashboard serves, if nothing else is said. */
export const usualPort = 8765;

const dashboardStopSeconds = 20;

/** Reads the profiles and looks for their tools. Throws `UserError` when a service could not work. */
export function planService(
  context: CliContext,
  served: Served,
  kind: "systemd" | "launchd",
  port = usualPort,
): PlannedService {
  const { home, env } = context;
  const profiles = served.part === "dashboard" ? [] : profilesOf(context, served);
  const cli = pathOfCurrentCli(home);
  if (cli === null)
    throw new UserError(
      `No version is installed under ${home}/runtime-home, and a service starts an installed one: this copy may be gone tomorrow. Run "acp sync" first.`,
      { exitCode: 1 },
    );
  const { path, tools } = servicePath(wantedTools(profiles, kind), env, tmpdir());
  const node = nodeOf(home);
  refuseUnwritable([home, path, node]);
  const drainMs = Math.max(0, ...profiles.map(({ scheduler }) => scheduler.drainMs));
  const stopWithinSeconds =
    served.part === "dashboard" ? dashboardStopSeconds : Math.ceil(drainMs / 1000) + afterDrainSeconds;
  const plan = {
    served,
    ...(served.part === "dashboard" ? { port } : {}),
    home,
    program: { node, cli },
    path,
    stopWithinSeconds,
    printed: serviceLog(home),
  };
  const missing = tools.filter(({ file }) => file === null).map(({ name }) => `${name} is not on your PATH.`);
  return { plan, tools, hints: [...missing, ...profiles.flatMap((profile) => lostVariables(context, profile))] };
}

function profilesOf({ home, env }: CliContext, { profileId }: Served): readonly Profile[] {
  if (profileId !== null) return [loadProfile(home, profileId, env, backends)];
  const ids = listProfileIds(home);
  if (ids.length === 0) throw noProfile(home);
  const profiles = installedProfiles(home, env);
  // A daemon of all works those that are well, and says what is wrong with the others.
  return profiles.length > 0 ? profiles : [loadProfile(home, ids[0] ?? "", env, backends)];
}

function wantedTools(profiles: readonly Profile[], kind: "systemd" | "launchd"): readonly string[] {
  const programs = profiles.flatMap((profile) =>
    usedProviders(profile).map(({ backend: name }) => {
      const backend = backendNamed(name);
      const own = (profile.execution.backends[name] ?? backend.settings.parse({})) as BackendSettings;
      return backend.versionCommand(own)?.file ?? null;
    }),
  );
  const own = ["git", "node", "sh", ...(kind === "systemd" ? ["systemd-notify"] : [])];
  return [...own, ...programs.filter((program) => program !== null)];
}

/** A service has nothing of a shell's environment, and no secret may stand in its file. */
function lostVariables({ home, env }: CliContext, profile: Profile): readonly string[] {
  const isGitHub = profile.forge.apiUrl !== null && new URL(profile.forge.apiUrl).host === "api.github.com";
  const token = ["GITHUB_TOKEN", "GH_TOKEN"].find((name) => env[name]);
  const ofForge =
    isGitHub && token !== undefined && loadSecrets(home, profile.id).GITHUB_TOKEN === undefined
      ? [
          `${profile.id}: its token comes from ${token} of your shell, which a service does not have; put it into its secrets.env.`,
        ]
      : [];
  const fixed = new Set(Object.keys(profile.execution.env.set));
  const names = [...new Set(passedNames(profile.execution, "here").names)].filter(
    (name) => !fixed.has(name) && env[name] !== undefined && !carried.has(name),
  );
  const ofSessions = names.map(
    (name) =>
      `${profile.id}: its sessions are passed ${name} of your shell, which a service does not have; see "Variables of a service" in docs/services.md.`,
  );
  return [...ofForge, ...ofSessions];
}

/** What a service has, too. */
const carried: ReadonlySet<string> = new Set(["PATH", "HOME", "USER", "LOGNAME", "LANG", "SHELL"]);

/** The Node that the version's native module was built for, where it still is. */
function nodeOf(home: string): string {
  const file = currentVersion(home)?.node.path;
  return file !== undefined && existsSync(file) ? file : cliEntry().file;
}

/** No service file can hold a line break, and nobody has one in a path on purpose. */
function refuseUnwritable(texts: readonly string[]): void {
  const bad = texts.find((text) => [...text].some((one) => one < " " || one === "\u007f"));
  if (bad !== undefined)
    throw new UserError(
      `A service file cannot hold control characters, and this has one: ${JSON.stringify(bad)}. Rename the folder.`,
    );
}
