import { type Profile, profileOverlaps } from "@agent-control-plane/core";
import { installedProfiles } from "./installed-profiles.ts";
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
