import { dirname } from "node:path";
import {
  type Bounds,
  type HostUpkeep,
  type Log,
  listProfileIds,
  type Profile,
  type RetentionLimits,
  type Store,
} from "@agent-control-plane/core";
import { createAnchorUpkeep, createRunArchive, pruneTemporaryFolders } from "@agent-control-plane/runners";
import { boundOwnOutput, boundServiceOutput, removeDeadOutput } from "../log/output-files.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { serviceLog } from "../services/service-plan.ts";
import { pruneBackups } from "./backups.ts";
import { pruneFlowFolders } from "./flow-folders.ts";

/** Everything that is to be kept within bounds: of these profiles, and of the host. */
export function boundsOf(of: {
  readonly home: string;
  readonly profiles: readonly Profile[];
  readonly store: Store;
  readonly limits: RetentionLimits;
  readonly actor: string;
  readonly log: Log;
}): Bounds {
  const { home, profiles, store, limits, actor, log } = of;
  return {
    archives: archivesOf(profiles),
    anchors: profiles.map((profile) => ({ profileId: profile.id, anchor: createAnchorUpkeep(profile, log) })),
    host: hostUpkeep(home),
    flowFolders: { prune: (how) => pruneFlowFolders(home, store, how) },
    profiles: installed(home),
    ...{ store, limits, actor, log },
  };
}

export const archivesOf = (profiles: readonly Profile[]): Bounds["archives"] =>
  profiles.map(({ id, runtime }) => ({ profileId: id, archive: createRunArchive(runtime.runsRoot) }));

export function hostUpkeep(home: string): HostUpkeep {
  return {
    async prune({ now, limits, isDry = false }) {
      if (!isDry) boundOwnOutput(runtimeLog(home));
      const removed = {
        output: removeDeadOutput(dirname(runtimeLog(home)), { isDry }),
        logs: boundServiceOutput(serviceLog(home), { isDry }) ? 1 : 0,
        backups: pruneBackups(home, { now, limits, isDry }),
        temporary: pruneTemporaryFolders({ isDry }),
      };
      return Object.fromEntries(Object.entries(removed).filter(([, count]) => count > 0));
    },
  };
}

/** Null: nothing is known, and what the store holds of profiles stays. */
function installed(home: string): readonly string[] | null {
  try {
    return listProfileIds(home);
  } catch {
    return null;
  }
}
