import type { Profile } from "@agent-control-plane/core";
import { createRunArchive } from "@agent-control-plane/runners";

export const archiveOf = (profile: Profile) => ({
  profileId: profile.id,
  archive: createRunArchive(profile.runtime.runsRoot),
});
