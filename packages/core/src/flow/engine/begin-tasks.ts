import type { BegunTask } from "../../store/ports/flows.ts";
import { attemptOf } from "./attempt-of.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import { gatherContext } from "./gather-context.ts";
import type { OwnAttempts } from "./own-attempts.ts";

/**
 * Begins what may begin, as far as there is room on this host: each flow in its turn, one task at a time, so that a wide
 * one leaves room for the others. True: something was begun.
 */
export async function beginTasks(
  options: FlowEngineOptions,
  own: OwnAttempts,
  { most, isOver }: { readonly most: number; readonly isOver: () => boolean },
): Promise<boolean> {
  let open: readonly string[] = (await options.store.flows.startable(100)).flowIds;
  if (open.length > 0) await options.workers.look?.();
  let isAnyBegun = false;
  while (open.length > 0 && !isOver()) {
    const more: string[] = [];
    for (const flowId of open) {
      if (own.count >= most) return isAnyBegun;
      if (!(await beginOne(options, own, flowId))) continue;
      isAnyBegun = true;
      more.push(flowId);
    }
    open = more;
  }
  return isAnyBegun;
}

async function beginOne(options: FlowEngineOptions, own: OwnAttempts, flowId: string): Promise<boolean> {
  const { store, runtimeId, newSessionId, workerNames, workers } = options;
  const begun = await store.flows.begin({
    ...{ flowId, owner: runtimeId, leaseMs: flowLeaseMs, session: { id: newSessionId() } },
    exceptWorkers: workerNames.filter((name) => workers.refuses(name) !== null),
    takes: (task, flow) => workers.takes?.(task, flow) ?? {},
  });
  if (begun === null) return false;
  await launch(options, own, begun);
  return true;
}

async function launch({ store, clock, workers }: FlowEngineOptions, own: OwnAttempts, begun: BegunTask): Promise<void> {
  const attempt = await attemptOf(store.flows, begun);
  own.follow(attempt, begun.lease, {
    isNew: true,
    until: async (stop) => workers.run(attempt, await gatherContext(store.flows, attempt, clock.now()), stop),
  });
}
