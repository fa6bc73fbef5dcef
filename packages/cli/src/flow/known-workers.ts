import type { FlowTaskSpec } from "@agent-control-plane/core";
import { runsCommands } from "@agent-control-plane/core/flow";

/** Names of backends; loaded only where an agent is asked for. */
export const agentNames = async (): Promise<readonly string[]> =>
  (await import("@agent-control-plane/runners/backends")).backends.map(({ name }) => name);

/** Why no task with this worker can run; null: it can. */
export async function refusalOf(worker: string): Promise<string | null> {
  if (runsCommands(worker) || (await agentNames()).includes(worker)) return null;
  return `there is no worker "${worker}"`;
}

/** What to hold these tasks' workers against, where they are not all commands. */
export const workersFor = async (tasks: readonly Pick<FlowTaskSpec, "worker">[]): Promise<readonly string[] | null> =>
  tasks.every(({ worker }) => runsCommands(worker)) ? null : agentNames();
