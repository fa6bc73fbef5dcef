import type { Instant } from "@agent-control-plane/core";
import type { ShownFlow } from "./host-document.ts";

/** One flow with its graph; asked for, not followed (`/api/v1/flows/:id`). */
export interface FlowDocument extends ShownFlow {
  readonly goal: string | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly reason: string | null;
  /** In the order of the plan; the first 500, what failed or asks before the others. */
  readonly shownTasks: readonly ShownFlowTask[];
  readonly decisions: readonly {
    readonly ref: string;
    readonly question: string;
    readonly options: readonly string[];
  }[];
}

export interface ShownFlowTask {
  readonly id: string;
  readonly worker: string;
  readonly state: string;
  readonly reason: string | null;
  readonly summary: string | null;
  readonly needs: readonly string[];
  readonly attempts: number;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}
