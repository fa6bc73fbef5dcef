import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LaunchRefused } from "@agent-control-plane/core";
import * as z from "zod";
import type { SeedFile } from "../session/session-spec.ts";

/** `execution.<backend>.login`: where a person's login for the program lies; nothing of it is used unasked. */
export const loginKey = z
  .string()
  .trim()
  .regex(/^(?:\/|~\/)./, "an absolute path: the program's folder, or the file with the login in it")
  .nullable()
  .default(null);

/**
 * The one file of a login, for the session's own state folder: `name` in the folder the profile names, or the file it
 * names. A copy, gone when the session is over: what the program renews in it does not reach the person's own.
 */
export function loginSeed(login: unknown, name: string, to: string): readonly SeedFile[] {
  if (typeof login !== "string" || login === "") return [];
  const named = login.startsWith("~/") ? join(homedir(), login.slice(2)) : login;
  const from = statSync(named, { throwIfNoEntry: false })?.isDirectory() ? join(named, name) : named;
  return [{ from, to, isSecret: true }];
}

/** Those that are to be there before a session starts, and are not. */
export const missingLogins = (seeds: readonly SeedFile[]): readonly SeedFile[] =>
  seeds.filter(({ from, isSecret }) => isSecret && !(existsSync(from) && statSync(from).isFile()));

/** Before anything of a session is made: a login that is not there is the profile's fault, and no attempt's. */
export function requireLogins(backend: string, seeds: readonly SeedFile[]): void {
  const [missing] = missingLogins(seeds);
  if (!missing) return;
  throw new LaunchRefused(
    "auth-failure",
    `There is no login at ${missing.from}, and "execution.${backend}.login" of the profile names it. Log in with the program ` +
      "itself, or take the key out of the profile.",
  );
}
