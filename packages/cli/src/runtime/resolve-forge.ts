import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { loadSecrets, type Profile, rememberSecret, secretsFile, UserError } from "@agent-control-plane/core";
import { credentialKey, type ResolvedToken, resolveToken } from "@agent-control-plane/reconcile";
import type { CliContext } from "../context.ts";
import { ensureLocalForge, runningLocalForge } from "../local-forge/ensure-local-forge.ts";

/** Where a profile's forge is and with what token we speak to it. The token stays in this process. */
export interface ForgeAccess {
  readonly apiUrl: string;
  /** `<gitUrl>/<slug>.git` is the repository. */
  readonly gitUrl: string;
  readonly token: string;
  /** Where the token came from, for messages. */
  readonly tokenOrigin: string;
  readonly credentialKey: string;
  /** It runs on this machine. */
  readonly isLoopback: boolean;
}

type Context = Pick<CliContext, "home" | "env">;
type Place = Pick<ForgeAccess, "apiUrl" | "gitUrl">;

/** Token order: the profile's secrets file, GITHUB_TOKEN, GH_TOKEN, `gh auth token`. */
export async function resolveForge(context: Context, profile: Profile): Promise<ForgeAccess> {
  return accessTo(context, profile, placeOf(profile) ?? (await ensureLocalForge(context)));
}

/** The same without starting a local forge that does not run: null then. */
export async function resolveRunningForge(context: Context, profile: Profile): Promise<ForgeAccess | null> {
  const place = placeOf(profile) ?? (await runningLocalForge(context.home));
  return place && accessTo(context, profile, place);
}

/** Null: the local forge of this runtime home says it. */
function placeOf({ forge: { apiUrl, gitUrl } }: Profile): Place | null {
  return apiUrl !== null && gitUrl !== null ? { apiUrl, gitUrl } : null;
}

async function accessTo(context: Context, profile: Profile, place: Place): Promise<ForgeAccess> {
  const { apiUrl, gitUrl } = profile.forge;
  const secret = loadSecrets(context.home, profile.id).GITHUB_TOKEN ?? null;
  const resolved = await findToken(context.env, secret, isOnGitHub(apiUrl ?? place.apiUrl));
  if (!resolved) throw new UserError(noToken(context.home, profile));
  rememberSecret(resolved.token);
  return {
    apiUrl: apiUrl ?? place.apiUrl,
    gitUrl: gitUrl ?? place.gitUrl,
    token: resolved.token,
    tokenOrigin: resolved.origin,
    credentialKey: credentialKey(resolved.token),
    isLoopback: ["127.0.0.1", "localhost", "[::1]"].includes(new URL(apiUrl ?? place.apiUrl).hostname),
  };
}

export const isOnGitHub = (apiUrl: string): boolean => new URL(apiUrl).host === "api.github.com";

/** `secret`: what the profile's secrets file holds, which comes first. Null: there is no token anywhere. */
export function findToken(
  env: NodeJS.ProcessEnv,
  secret: string | null,
  isGitHub: boolean,
): Promise<ResolvedToken | null> {
  return resolveToken({
    secrets: secret,
    // The person's GitHub token goes to GitHub and to nobody else.
    env: isGitHub ? env : {},
    runGhAuthToken: isGitHub ? () => ghAuthToken(env) : async () => null,
  });
}

async function ghAuthToken(env: NodeJS.ProcessEnv): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("gh", ["auth", "token"], { env, timeout: 10_000 });
    return stdout.trim() || null;
  } catch {
    // No gh, or not logged in: simply no token from there.
    return null;
  }
}

const noToken = (home: string, profile: Profile): string =>
  `Profile "${profile.id}" has no token for its forge. Looked in ${secretsFile(home, profile.id)}, GITHUB_TOKEN, GH_TOKEN and "gh auth token". ` +
  `Put a line GITHUB_TOKEN=... into that file (mode 0600), or log in with "gh auth login".`;
