import type { HostDocument, ShownRuntime } from "../documents/index.ts";
import { type AnyProfile, isBroken } from "./board.ts";

/** How a profile stands as a whole. `gone`: its runtime died without having been stopped, `since` its last sign of life. */
export type Standing =
  | { readonly kind: "ready" | "starting" | "draining" | "paused" | "stopped" | "broken"; readonly word: string }
  | { readonly kind: "gone"; readonly word: string; readonly since: number; readonly pid: number };

/** Pure. */
export function standingOf(profile: AnyProfile, host: HostDocument | null): Standing {
  if (isBroken(profile)) return { kind: "broken", word: "broken" };
  if (!profile.running) {
    const dead = deadRuntime(profile.profileId, host);
    if (dead) return { kind: "gone", word: "not running", since: dead.lastSeenAt ?? dead.startedAt, pid: dead.pid };
    return { kind: "stopped", word: "stopped" };
  }
  if (profile.state === "ready" && profile.pauses.length > 0) return { kind: "paused", word: "paused" };
  return { kind: profile.state, word: profile.state === "ready" ? "running" : profile.state };
}

/** The runtime that should be there and is not: the newest of the profile's, when it died. */
function deadRuntime(profileId: string, host: HostDocument | null): ShownRuntime | null {
  const newest = host?.runtimes.find(({ profileIds }) => profileIds.includes(profileId));
  return newest && !newest.alive && newest.state !== "stopped" ? newest : null;
}
