import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { carryOut } from "./carry-out.ts";
import { servicesOf } from "./find-services.ts";
import { type InitSystem, loadInitSystem } from "./init-system.ts";
import type { ServiceState } from "./read-service-state.ts";
import { runTool } from "./run-tool.ts";
import { type Served, servedInWords } from "./served.ts";

/** Starts what is installed; returns when systemd was told that it is ready. Throws `UserError` with why it is not. */
export async function startService(
  context: Pick<CliContext, "env" | "home" | "clock" | "platform">,
  served: Served,
  system: InitSystem,
): Promise<void> {
  const live = await system.look(served);
  try {
    if (system.kind === "systemd") return await carryOut(system, system.start(served, live));
    await startAgent(context, served, system);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const found = await system.look(served);
    const why = found?.detail ?? error.message;
    throw new UserError(
      `The service of ${servedInWords(served)} did not start: ${why}. What it printed: ${system.logCommand(served, context.home)}`,
      { exitCode: 1, cause: error },
    );
  }
}

/** launchd takes a moment to let go of what it was told to leave, and refuses to load it meanwhile. */
async function startAgent({ clock }: Pick<CliContext, "clock">, served: Served, system: InitSystem): Promise<void> {
  const live = await system.look(served);
  if (live !== null) {
    for (const line of system.stop(served)) await runTool(line, system.env);
    const deadline = clock.now() + 20_000;
    while ((await system.look(served)) !== null && clock.now() < deadline) await clock.sleep(200);
  }
  await carryOut(system, system.start(served, null));
}

/**
 * Starts those of these profiles that have a service by it: their own, or that of all. Answers which services, and which
 * profiles are left to be started another way.
 */
export async function startServices(
  context: CliContext,
  profileIds: readonly string[],
): Promise<{ readonly services: readonly ServiceState[]; readonly left: readonly string[] }> {
  const installed = await servicesOf(context, profileIds);
  const ofAll = installed.find(({ profileId }) => profileId === null);
  const services = ofAll ? [ofAll] : installed;
  for (const service of services)
    if (service.kind !== null) await startService(context, service, await loadInitSystem(context, service.kind));
  const isServed = (id: string) => services.some(({ profileId }) => profileId === null || profileId === id);
  return { services, left: profileIds.filter((id) => !isServed(id)) };
}
