import { listProfileIds, type Profile, profileOverlaps, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { withRealFolders } from "./real-folders.ts";

/** How this profile, once it is installed, would get in the way of the others; folders are compared as they are on disk. */
export function overlapErrors(profile: Profile, home: string, env: NodeJS.ProcessEnv): readonly string[] {
  return overlapsWith(profile, home, env)
    .filter(({ severity }) => severity === "error")
    .map(({ message, fix }) => `${message} Fix: ${fix}`);
}

export function overlapsWith(profile: Profile, home: string, env: NodeJS.ProcessEnv) {
  return installedProfiles(home, env)
    .filter(({ id }) => id !== profile.id)
    .flatMap((other) => profileOverlaps([withRealFolders(profile), withRealFolders(other)]));
}

/** Those that are valid. */
export function installedProfiles(home: string, env: NodeJS.ProcessEnv): readonly Profile[] {
  return listProfileIds(home).flatMap((id) => {
    const parsed = readProfile(home, id, env, backends);
    return parsed.ok ? [parsed.profile] : [];
  });
}
