import type { Flow } from "../../domain/flow.ts";
import type { Instant } from "../../domain/time.ts";
import { type Operation, one } from "../statement.ts";

export const flowColumns =
  'id, name, state, ending, reason, plan, folder, submitted_by as "submittedBy", created_at as "createdAt", ' +
  'deadline_at as "deadlineAt", finished_at as "finishedAt", callback, revision';

export type FlowRow = Omit<Flow, "plan" | "callback"> & { readonly plan: string; readonly callback: string | null };

export const flowFrom = (row: FlowRow): Flow => ({
  ...row,
  plan: JSON.parse(row.plan) as Flow["plan"],
  callback: row.callback === null ? null : (JSON.parse(row.callback) as Flow["callback"]),
});

export function* readFlow(flowId: string): Operation<Flow | null> {
  const row = yield* one<FlowRow>(`select ${flowColumns} from flows where id = @flowId`, { flowId });
  return row ? flowFrom(row) : null;
}

/** What happens to it, whose doing it is, and when. */
export interface FlowChange {
  readonly flow: Flow;
  readonly actor: string;
  readonly now: Instant;
}

export const isFlowOver = (flow: Pick<Flow, "finishedAt">): boolean => flow.finishedAt !== null;

/** Name of the queue that a flow's tasks wait in, and profile of its sessions. */
export const queueOf = (flowId: string): string => `flow:${flowId}`;

/** The lanes of a flow's tasks, and of its keeper's, in the queue. */
export const flowTaskLane = "flow-task";
export const flowKeeperLane = "flow-keeper";
/** One task for each flow, subject its id: whoever holds it reads the inbox and writes the outbox. */
export const flowKeeperQueue = "flow-keepers";
