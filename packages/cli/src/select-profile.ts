import { existsSync } from "node:fs";
import { listProfileIds, profileDir, profileFile, UserError } from "@agent-control-plane/core";
import type { CliContext } from "./context.ts";

/**
 * The profile a command is about: the flag, `ACP_PROJECT_ID`, or the only one there is. With several and no word from
 * the person it refuses (64) rather than guess; with none it says how to make one (66).
 */
export function selectProfileId({ home, env }: Pick<CliContext, "home" | "env">, given: string | undefined): string {
  const named = given ?? env.ACP_PROJECT_ID;
  if (named !== undefined && named !== "") return named;
  const [first, ...others] = listProfileIds(home);
  if (first === undefined) throw noProfile(home);
  if (others.length === 0) return first;
  throw new UserError(`Several profiles are installed: ${[first, ...others].join(", ")}. Name one with --profile-id.`, {
    exitCode: 64,
  });
}

export const noProfile = (home: string): UserError =>
  new UserError(`No profile is installed under ${home}. Make one with "acp init --profile-id <id>".`, { exitCode: 66 });

/** For commands that are about a profile's files: a name that none has is a slip (66). */
export function refuseNotInstalled(home: string, id: string): void {
  if (existsSync(profileFile(home, id))) return;
  throw new UserError(`Profile "${id}" is not installed. "acp profile list" shows those that are.`, { exitCode: 66 });
}

/**
 * For commands that only filter by a profile, and found nothing: one that was removed may have left much to show, but one
 * that nobody ever heard of is a slip (66).
 */
export function refuseUnknownProfile(home: string, given: string | undefined): void {
  if (given === undefined) return;
  profileDir(home, given); // refuses what is no id
  const installed = listProfileIds(home);
  if (installed.includes(given)) return;
  const others = installed.length === 0 ? "None is." : `Installed: ${installed.join(", ")}.`;
  throw new UserError(`Profile "${given}" is not installed, and left nothing behind. ${others}`, { exitCode: 66 });
}
