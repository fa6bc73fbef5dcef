import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { isAlive, processMark } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { localForgeData, runningLocalForge } from "./ensure-local-forge.ts";

const waitMs = 15_000;

/** Ends the forge of this runtime home; false when none runs. Only a forge that answers as ours is signalled. */
export async function stopLocalForge({ home, clock }: Pick<CliContext, "home" | "clock">): Promise<boolean> {
  if (!(await runningLocalForge(home))) return false;
  const { pid } = JSON.parse(readFileSync(join(localForgeData(home), "forge.json"), "utf8")) as { pid: number };
  const mark = processMark(pid);
  if (!mark) return false;
  process.kill(pid, "SIGTERM");
  const deadline = clock.now() + waitMs;
  while (isAlive(mark)) {
    if (clock.now() >= deadline)
      throw new UserError(`The local forge (pid ${pid}) did not end within ${waitMs / 1000} s.`, { exitCode: 1 });
    await clock.sleep(30);
  }
  return true;
}
