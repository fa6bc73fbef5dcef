import { spawnSync } from "node:child_process";
import { loadSecrets, type Profile, rememberSecret } from "@agent-control-plane/core";
import { backendNamed } from "@agent-control-plane/runners/backends";
import { healthOf } from "../backends/check-backends.ts";
import { usedProviders } from "../backends/used-providers.ts";
import type { CliContext } from "../context.ts";
import { isOnPath } from "../programs-on-path.ts";
import { findToken, isOnGitHub } from "../runtime/resolve-forge.ts";
import { initSystem } from "../services/init-system.ts";
import { askForge } from "./ask-forge.ts";
import type { PrerequisiteFacts } from "./judge-prerequisites.ts";
import type { SetupAnswers } from "./propose-answers.ts";

/**
 * Looks at what the profile, installed or only planned, will need: git, its worker's program and login, and one read of
 * its repository at the forge. Writes nothing and asks no model.
 */
export async function checkPrerequisites(
  context: CliContext,
  profile: Profile,
  answers: SetupAnswers,
  givenToken: string | null,
  uncommitted: readonly string[],
): Promise<PrerequisiteFacts> {
  const worker = profile.execution.codingWorker;
  const backend = backendNamed(worker);
  const provider = usedProviders(profile).find((each) => each.backend === worker) ?? null;
  const isUnsetShell = answers.profile !== "keep" && worker === "shell" && answers.shellCommand === null;
  return {
    profileId: profile.id,
    repoSlug: profile.repo.slug,
    gitVersion: gitVersion(context.env),
    uncommitted,
    worker: await healthOf(context, profile, { backend, provider }),
    isUnsetShell,
    forge: await forgeFacts(context, profile, givenToken),
    serviceLacks: answers.installService ? await serviceLacks(context) : null,
    checks: profile.verification.commands.length,
    isKept: answers.profile === "keep",
  };
}

/** Null: the system can keep a service. */
export async function serviceLacks(context: CliContext): Promise<string | null> {
  const system = await initSystem(context);
  return system === null ? "This system is neither one with systemd nor with launchd." : system.lacks();
}

function gitVersion(env: NodeJS.ProcessEnv): string | null {
  const { status, stdout } = spawnSync("git", ["--version"], { encoding: "utf8", env: { PATH: env.PATH ?? "" } });
  return status === 0 ? stdout.trim() : null;
}

async function forgeFacts(
  context: CliContext,
  profile: Profile,
  givenToken: string | null,
): Promise<PrerequisiteFacts["forge"]> {
  const { apiUrl, requestTimeoutMs } = profile.forge;
  if (apiUrl === null) return null;
  const place = { apiUrl, isGitHub: isOnGitHub(apiUrl), hasGh: isOnPath("gh", context.env) };
  const secret = givenToken ?? loadSecrets(context.home, profile.id).GITHUB_TOKEN ?? null;
  const found = await findToken(context.env, secret, place.isGitHub);
  if (found === null) return { ...place, tokenOrigin: null, answer: null };
  rememberSecret(found.token);
  const request = { apiUrl, slug: profile.repo.slug, timeoutMs: requestTimeoutMs };
  const tokenOrigin = givenToken === null ? found.origin : "your input";
  return { ...place, tokenOrigin, answer: await askForge(request, found.token) };
}
