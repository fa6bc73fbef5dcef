import { join } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { connectForgeAdmin, type ForgeAdminClient } from "@agent-control-plane/local-forge";
import type { CliContext } from "../context.ts";
import { startInBackground } from "../runtime/start-in-background.ts";

export interface RunningForge {
  readonly apiUrl: string;
  readonly gitUrl: string;
  readonly admin: ForgeAdminClient;
}

/** One forge per runtime home serves all its local repositories. */
export const localForgeData = (home: string): string => join(home, "local-forge");

export const localForgeLog = (home: string): string => join(home, "logs", "local-forge.log");

/** The forge of this runtime home, started in the background when it does not run. Safe to call from several processes. */
export async function ensureLocalForge(context: Pick<CliContext, "home" | "env">): Promise<RunningForge> {
  const running = await runningLocalForge(context.home);
  if (running) return running;
  try {
    await startInBackground(context, ["forge", "run"], {
      what: "The local forge",
      logFile: localForgeLog(context.home),
      readyWithinMs: 20_000,
    });
  } catch (error) {
    // Somebody else may have started it in the same moment; then theirs is ours.
    const theirs = await runningLocalForge(context.home);
    if (theirs) return theirs;
    throw error;
  }
  const started = await runningLocalForge(context.home);
  if (started) return started;
  throw new UserError(`The local forge started and ended again. See ${localForgeLog(context.home)}.`, { exitCode: 1 });
}

/** Null when none answers. */
export async function runningLocalForge(home: string): Promise<RunningForge | null> {
  const admin = connectForgeAdmin(localForgeData(home));
  if (!admin || !(await admin.isHealthy())) return null;
  return { apiUrl: `${admin.url}/api/v3`, gitUrl: admin.url, admin };
}
