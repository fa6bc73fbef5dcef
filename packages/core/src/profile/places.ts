import { readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UserError } from "../errors.ts";

/** Kept apart from what reads profiles: every command asks where things lie, few need YAML and the schema for it. */
export const profileIdPattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** Everything the product keeps on this machine: `AGENT_RUNTIME_HOME`, else `~/.agent-runtime`. Absolute. */
export function runtimeHome(env: NodeJS.ProcessEnv): string {
  const named = env.AGENT_RUNTIME_HOME?.trim() ?? "";
  return named === "" ? join(env.HOME ?? homedir(), ".agent-runtime") : resolve(named);
}

export const storePath = (home: string) => join(home, "state", "control-plane.db");

export const profilesDir = (home: string) => join(home, "control-plane", "profiles");

/** The folder of one profile. Throws `UserError` for anything but a valid id, before a path is made of it. */
export function profileDir(home: string, id: string): string {
  if (!profileIdPattern.test(id)) {
    throw new UserError(
      `Profile id ${JSON.stringify(id.slice(0, 80))} is not valid: expected 1 to 40 lower-case letters, digits and hyphens, such as web-shop.`,
    );
  }
  return join(profilesDir(home), id);
}

export const profileFile = (home: string, id: string) => join(profileDir(home, id), "control-plane.yaml");

/** Ids of all installed profiles, sorted: folders with a control-plane.yaml, whatever that is. */
export function listProfileIds(home: string): readonly string[] {
  try {
    return readdirSync(profilesDir(home))
      .filter((name) => profileIdPattern.test(name) && isThere(join(profilesDir(home), name, "control-plane.yaml")))
      .sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw new UserError(`Profiles cannot be read: ${(error as Error).message}. Check AGENT_RUNTIME_HOME.`, {
      cause: error,
    });
  }
}

/** Whatever it is: what cannot be read is told as a problem of the profile. */
const isThere = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
