import type { Instant } from "@agent-control-plane/core";
import type { BrokenProfile, HostDocument, ProfileDocument } from "@agent-control-plane/dashboard";
import type { PlainDocuments } from "@agent-control-plane/dashboard/live";

/** The documents of a runtime home, by what they are. */
export interface ShownHome {
  readonly host: HostDocument | null;
  readonly profiles: readonly ProfileDocument[];
  readonly broken: readonly BrokenProfile[];
}

/** Pure. In the order of their names. */
export function shownHome(documents: PlainDocuments): ShownHome {
  const host = (documents.host as unknown as HostDocument | undefined) ?? null;
  const all = Object.keys(documents)
    .filter((key) => key.startsWith("profile:"))
    .sort()
    .map((key) => documents[key] as unknown as ProfileDocument | BrokenProfile);
  return { host, profiles: all.filter(isRead), broken: all.filter(isBroken) };
}

const isRead = (profile: ProfileDocument | BrokenProfile): profile is ProfileDocument => !isBroken(profile);
const isBroken = (profile: ProfileDocument | BrokenProfile): profile is BrokenProfile => "error" in profile;

/** Pure. The last sign of life of whoever served a profile that nobody serves now; null: unknown, or it is served. */
export function notRunningSince({ host }: ShownHome, { profileId, running }: ProfileDocument): Instant | null {
  if (running) return null;
  const gone = (host?.runtimes ?? []).filter(({ alive, profileIds }) => !alive && profileIds.includes(profileId));
  const seen = gone.flatMap(({ lastSeenAt }) => lastSeenAt ?? []);
  return seen.length === 0 ? null : Math.max(...seen);
}
