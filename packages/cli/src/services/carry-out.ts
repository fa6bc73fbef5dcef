import { UserError } from "@agent-control-plane/core";
import type { InitSystem } from "./init-system.ts";
import { runTool } from "./run-tool.ts";

/** A start waits until the daemon says that it is ready, which systemd gives three minutes. */
const patienceMs = 200_000;

/** Runs the commands in order. Throws `UserError` with the words of the first that failed. */
export async function carryOut(system: InitSystem, lines: readonly (readonly string[])[]): Promise<void> {
  for (const line of lines) {
    const { code, stderr } = await runTool(line, system.env, patienceMs);
    if (code !== 0)
      throw new UserError(`"${line.join(" ")}" failed: ${stderr || `exit code ${code}`}`, { exitCode: 1 });
  }
}

/** Runs the commands whatever becomes of them; false when one failed. */
export async function tryOut(system: InitSystem, lines: readonly (readonly string[])[]): Promise<boolean> {
  let isWell = true;
  for (const line of lines) if ((await runTool(line, system.env, patienceMs)).code !== 0) isWell = false;
  return isWell;
}
