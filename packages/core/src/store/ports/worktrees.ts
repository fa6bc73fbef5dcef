import type { Instant } from "../../domain/time.ts";

/** `planned` is written before the folder is made; `gone` only after it was seen gone. */
export type WorktreeState = "planned" | "ready" | "retiring" | "gone";

export interface WorktreeRow {
  readonly path: string;
  readonly profileId: string;
  readonly sessionId: string;
  readonly state: WorktreeState;
  readonly baseSha: string;
  /** Where unsaved work went when it was retired. */
  readonly rescueRef: string | null;
  readonly updatedAt: Instant;
}

export interface WorktreeStore {
  plan(row: Pick<WorktreeRow, "path" | "profileId" | "sessionId" | "baseSha">): Promise<WorktreeRow>;
  setState(path: string, state: WorktreeState, rescueRef?: string): Promise<void>;
  list(filter: {
    readonly profileId?: string;
    readonly states?: readonly WorktreeState[];
  }): Promise<readonly WorktreeRow[]>;
}
