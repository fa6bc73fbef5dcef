import type { BrokenProfile, HostDocument, MachineDocument, ProfileDocument } from "../documents/index.ts";
import type { PlainDocuments } from "../live/apply-changes.ts";

/** The documents as the page reads them. A profile of which nothing changed is the very same object as before. */
export interface Board {
  readonly host: HostDocument | null;
  readonly machine: MachineDocument | null;
  /** By name, the broken ones among them. */
  readonly profiles: readonly AnyProfile[];
}

export type AnyProfile = ProfileDocument | BrokenProfile;

export const isBroken = (profile: AnyProfile): profile is BrokenProfile => "error" in profile;

/** Pure. */
export function readBoard(documents: PlainDocuments): Board {
  const profiles = Object.entries(documents).flatMap(([key, document]) =>
    key.startsWith("profile:") ? [document as unknown as AnyProfile] : [],
  );
  return {
    host: (documents.host as unknown as HostDocument | undefined) ?? null,
    machine: (documents.machine as unknown as MachineDocument | undefined) ?? null,
    profiles: profiles.sort((a, b) => (a.profileId < b.profileId ? -1 : 1)),
  };
}

/** Pure. Those that can be read. */
export const readable = ({ profiles }: Board): readonly ProfileDocument[] =>
  profiles.flatMap((profile) => (isBroken(profile) ? [] : [profile]));
