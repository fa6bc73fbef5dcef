import { join } from "node:path";
import {
  type Clock,
  type FlowWorkers,
  type Log,
  type OpenStore,
  rememberSecretLines,
  storePath,
} from "@agent-control-plane/core";
import { createAgentWorkers, createCommandWorkers, joinWorkers, withWorktrees } from "@agent-control-plane/runners";
import { wrapperEntry } from "../assets.ts";
import { forgeTokensIn } from "../runtime/forge-tokens.ts";
import { hostResources } from "../runtime/host-resources.ts";
import { LiveHostLimits } from "../runtime/live-host-limits.ts";
import { profilesOfFlows } from "./flow-profile.ts";

/** Everything that runs tasks of flows on this host. */
export function openFlowWorkers(of: {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly store: OpenStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtimeId: string;
}): FlowWorkers {
  const { home, env } = of;
  const secrets = forgeTokensIn(env);
  for (const value of secrets) rememberSecretLines(value);
  let limits: LiveHostLimits | null = null;
  const agents = createAgentWorkers({
    ...of,
    secrets,
    wrapper: {
      storePath: storePath(home),
      // Asked for by agents alone: commands need none.
      get entry() {
        return wrapperEntry();
      },
    },
    profileOf: profilesOfFlows({ home, env }),
    hostLimits: () => {
      limits ??= new LiveHostLimits(of);
      limits.refresh();
      return limits.limits;
    },
    resources: () => hostResources(home),
  });
  const workers = joinWorkers({ commands: createCommandWorkers(of), agents });
  return withWorktrees(workers, { ...of, flowsFolder: join(home, "flows") });
}
