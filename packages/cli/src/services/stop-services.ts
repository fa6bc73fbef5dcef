import type { CliContext } from "../context.ts";
import { tryOut } from "./carry-out.ts";
import { servicesOf } from "./find-services.ts";
import { loadInitSystem } from "./init-system.ts";
import type { ServiceState } from "./read-service-state.ts";

/**
 * The services behind these profiles that are not stopped, and how to stop them. Stopping one tells its daemon to end,
 * as TERM does, and keeps the service from starting it again; it answers when that daemon is gone.
 */
export async function servicesToStop(
  context: Pick<CliContext, "env" | "home" | "clock" | "platform">,
  profileIds: readonly string[],
): Promise<{
  readonly services: readonly ServiceState[];
  /** The services whose init system did not obey. */
  stop(): Promise<readonly ServiceState[]>;
}> {
  const services = (await servicesOf(context, profileIds)).filter(({ state }) => state !== "stopped");
  return {
    services,
    async stop() {
      const stopped = await Promise.all(services.map((service) => stopOne(context, service)));
      return services.filter((_, index) => !stopped[index]);
    },
  };
}

async function stopOne(context: Pick<CliContext, "env">, service: ServiceState): Promise<boolean> {
  if (service.kind === null) return false;
  const system = await loadInitSystem(context, service.kind);
  return tryOut(system, system.stop(service));
}
