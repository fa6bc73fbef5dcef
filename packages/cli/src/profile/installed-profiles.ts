import { listProfileIds, type Profile, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";

/** Those that are valid. */
export function installedProfiles(home: string, env: NodeJS.ProcessEnv): readonly Profile[] {
  return listProfileIds(home).flatMap((id) => {
    const parsed = readProfile(home, id, env, backends);
    return parsed.ok ? [parsed.profile] : [];
  });
}
