import type { Flow } from "../../domain/flow.ts";
import type { Session } from "../../domain/session.ts";
import { queueOf } from "../../store/flows/flow-row.ts";
import { attemptOf } from "./attempt-of.ts";
import { type FlowEngineOptions, flowLeaseMs } from "./engine-options.ts";
import type { OwnAttempts } from "./own-attempts.ts";

/** Takes over what runtimes left that are gone, and ends what their attempts left behind. */
export async function recoverAttempts(options: FlowEngineOptions, own: OwnAttempts): Promise<void> {
  const { store, runtimeId, workers } = options;
  // Mailboxes of keepers that are gone; tasks with an open session are left to what follows.
  await store.tasks.recoverStale({ actor: runtimeId, missingHeartbeatMs: flowLeaseMs });
  await store.flows.expire();
  for (const flow of await store.flows.list({ states: ["running", "paused"] })) {
    const states = ["intended", "running", "ended"] as const;
    for (const session of await store.sessions.list({ profileId: queueOf(flow.id), states })) {
      if (!own.has(session.id)) await takeOver(options, own, flow, session);
    }
  }
  workers.sweep();
}

async function takeOver(
  { store, runtimeId, workers }: FlowEngineOptions,
  own: OwnAttempts,
  flow: Flow,
  session: Session,
): Promise<void> {
  const left = await store.tasks.lease(session.taskId);
  if (!left) return;
  const lease = await store.tasks.adopt({ taskId: session.taskId, term: left.term }, runtimeId, flowLeaseMs);
  if (lease === "lost") return;
  const task = await store.flows.ofQueueTask(session.taskId);
  if (task === null) return;
  const attempt = await attemptOf(store.flows, { flow, task, session });
  own.follow(attempt, lease, async (stop) => workers.follow(attempt, stop));
}
