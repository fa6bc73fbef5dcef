import type { BeginRequest, BegunTask, NextRequest } from "../../store/ports/flows.ts";
import { attemptOf } from "./attempt-of.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import { gatherContext } from "./gather-context.ts";
import type { OwnAttempts } from "./own-attempts.ts";

/**
 * Begins what may begin, as far as there is room on this host: each flow in its turn, one task at a time, so that a wide
 * one leaves room for the others. Answers whether something was begun, and from how many flows something could.
 */
export async function beginTasks(
  options: FlowEngineOptions,
  own: OwnAttempts,
  { most, isOver }: { readonly most: number; readonly isOver: () => boolean },
): Promise<{ readonly isAnyBegun: boolean; readonly flows: number }> {
  let open: readonly string[] = (await options.store.flows.startable(100)).flowIds;
  const flows = open.length;
  if (flows > 0) await options.workers.look?.();
  let isAnyBegun = false;
  while (open.length > 0 && !isOver()) {
    const more: string[] = [];
    for (const flowId of open) {
      if (own.count >= most) return { isAnyBegun, flows };
      if (!(await beginOne(options, own, flowId))) continue;
      isAnyBegun = true;
      more.push(flowId);
    }
    open = more;
  }
  return { isAnyBegun, flows };
}

async function beginOne(options: FlowEngineOptions, own: OwnAttempts, flowId: string): Promise<boolean> {
  const { store, newSessionId } = options;
  const begun = await store.flows.begin({ ...asked(options), flowId, session: { id: newSessionId() } });
  if (begun === null) return false;
  await launch(options, own, begun);
  return true;
}

/**
 * What may begin of a flow when an attempt of it is concluded, on a host with so much room: commands, for which nothing
 * has to be looked at before.
 */
export function nextOf(options: FlowEngineOptions, room: number): NextRequest {
  const sessions = Array.from({ length: Math.min(room, mostWithOneEnd) }, () => ({ id: options.newSessionId() }));
  const { workers, workerNames } = options;
  return { ...asked(options), sessions, only: workerNames.filter((name) => workers.holdsOwnLease?.(name) !== true) };
}

/** One transaction is not to hold the store's lock for long. */
const mostWithOneEnd = 8;

function asked({ runtimeId, workerNames, workers }: FlowEngineOptions): Omit<BeginRequest, "flowId" | "session"> {
  const exceptWorkers = workerNames.filter((name) => workers.refuses(name) !== null);
  const takes: BeginRequest["takes"] = (task, flow) => workers.takes?.(task, flow) ?? {};
  return { owner: runtimeId, leaseMs: flowLeaseMs, exceptWorkers, takes };
}

/** Runs what was begun, and follows it. */
export async function launch(
  { store, clock, workers }: FlowEngineOptions,
  own: OwnAttempts,
  begun: BegunTask,
): Promise<void> {
  const attempt = await attemptOf(store.flows, begun);
  own.follow(attempt, begun.lease, {
    isNew: true,
    until: async (stop) => workers.run(attempt, await gatherContext(store.flows, attempt, clock.now()), stop),
  });
}
