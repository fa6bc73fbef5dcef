import type { Provider } from "@agent-control-plane/core";

/** What the snapshot tells beside the documents: places on this machine, and who serves what. Asked for, not followed. */
export interface SnapshotFacts {
  /** The folder of the program. */
  readonly programDir: string;
  readonly profilesDir: string;
  /** The file that all state is in. */
  readonly storeFile: string;
  /** Of profiles that can be read. */
  readonly profiles: ReadonlyMap<string, SnapshotProfileFacts>;
}

export interface SnapshotProfileFacts {
  /** The person's own checkout; null: none on this machine. */
  readonly repoRoot: string | null;
  readonly runsRoot: string;
  readonly stateRoot: string;
  readonly historyRoot: string;
  readonly codingWorker: string;
  /** Who serves what nothing else names, in the order of trying. */
  readonly providers: readonly Provider[];
  /** By id: of those that the profile's document names. */
  readonly sessions: ReadonlyMap<string, SnapshotSessionFacts>;
  /** By id: what the rows that wait add and take away. */
  readonly labels: ReadonlyMap<number, { readonly add: number; readonly remove: number }>;
  readonly pending: { readonly comments: number; readonly approvals: number; readonly labels: number };
}

export interface SnapshotSessionFacts {
  readonly branch: string;
  readonly worktree: string;
  readonly runDir: string;
  readonly pool: string | null;
  /** The backend's own id of the conversation. */
  readonly threadId: string | null;
  /** The conversation that goes on from attempt to attempt; null: none is kept. */
  readonly conversationId: string | null;
  readonly failureReason: string | null;
}
