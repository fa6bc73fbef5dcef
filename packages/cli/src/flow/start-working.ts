import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Store } from "@agent-control-plane/core";
import { programEntry } from "../assets.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { flowRuntimes } from "./worked-by.ts";

/**
 * Sees that a runtime of this host works flows; one that has to be started ends by itself when there is nothing to do.
 * Nobody waits for it: the flow is in the store. Answers its process id; null: there was one.
 */
export async function startWorking(
  store: Pick<Store, "runtimes">,
  { home, env }: { readonly home: string; readonly env: NodeJS.ProcessEnv },
): Promise<number | null> {
  if ((await flowRuntimes(store)).length > 0) return null;
  mkdirSync(dirname(runtimeLog(home)), { recursive: true, mode: 0o700 });
  const { file, args } = programEntry();
  const child = spawn(file, [...args, "flow", "work", "--until-idle", "60"], {
    ...{ detached: true, cwd: home, stdio: "ignore" },
    env: { ...env, AGENT_RUNTIME_HOME: home },
  });
  child.on("error", () => {});
  child.unref();
  return child.pid ?? null;
}
