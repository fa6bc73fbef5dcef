import type { Flow } from "../../domain/flow.ts";
import type { Session } from "../../domain/session.ts";
import { queueOf } from "../../store/flows/flow-row.ts";
import { attemptOf } from "./attempt-of.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import type { LeftBehind } from "./left-behind.ts";
import type { OwnAttempts } from "./own-attempts.ts";

/** Takes over what runtimes left that are gone, and ends what their attempts left behind. */
export async function recoverAttempts(options: FlowEngineOptions, own: OwnAttempts, left: LeftBehind): Promise<void> {
  const { store, workers } = options;
  await store.flows.expire();
  for (const flow of await store.flows.list({ states: ["running", "paused"] })) {
    const states = ["intended", "running", "ended"] as const;
    for (const session of await store.sessions.list({ profileId: queueOf(flow.id), states })) {
      if (!own.has(session.id)) await takeOver(options, own, left, flow, session);
    }
  }
  workers.sweep();
}

async function takeOver(
  { store, runtimeId, workers }: FlowEngineOptions,
  own: OwnAttempts,
  left: LeftBehind,
  flow: Flow,
  session: Session,
): Promise<void> {
  const isWrapped = session.state === "running" && workers.holdsOwnLease?.(session.backend) === true;
  const key = await left.takeable(session.taskId, { isWrapped });
  if (key === null) return;
  const lease = await store.tasks.adopt(key, runtimeId, flowLeaseMs);
  if (lease === "lost") return;
  const task = await store.flows.ofQueueTask(session.taskId);
  if (task === null) return;
  const attempt = await attemptOf(store.flows, { flow, task, session });
  own.follow(attempt, lease, { isNew: false, until: async (stop) => workers.follow(attempt, stop) });
}
