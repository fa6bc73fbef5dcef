import type { CliContext } from "../context.ts";
import { readServiceState, type ServiceState } from "./read-service-state.ts";

/** The installed services that serve one of these profiles: their own, and that of all. */
export async function servicesOf(
  context: Pick<CliContext, "env" | "home" | "clock" | "platform">,
  profileIds: readonly string[],
): Promise<readonly ServiceState[]> {
  const served = [null, ...new Set(profileIds)];
  const states = await Promise.all(served.map((profileId) => readServiceState(context, { profileId })));
  return states.filter(({ installed }) => installed);
}
