import type { AttemptOutcome, Flow, FlowTask } from "../../domain/flow.ts";
import type { Ending, Session } from "../../domain/session.ts";
import type { TaskTakes, TaskWaits } from "../../store/ports/flows.ts";
import type { ContextLayer } from "../context/context-of.ts";

/** One attempt at a flow's task, as whoever runs it is told of it. */
export interface FlowAttempt {
  readonly flow: Flow;
  readonly task: FlowTask;
  readonly session: Session;
  /** The folder of the attempt that it judges; null: it is no judge. */
  readonly judgedFolder: string | null;
}

/** Why an attempt is to end before its time. */
export type StopCause = "cancelled" | "interrupted";

/**
 * `vanished`: it began and nobody knows how it ended; what was left of it is ended. `never-begun`: nor will it be.
 * `interrupted`: its runtime ended it because that was told to stop, and was gone before it could say so.
 */
export type FollowedEnd = Ending | "vanished" | "never-begun" | "interrupted";

/** What runs the tasks of flows on this host. */
export interface FlowWorkers {
  /** Whether tasks of this worker can be run here; what it says otherwise is for people. */
  refuses(worker: string): string | null;
  /**
   * What an attempt of this task takes of the host, or why it cannot begin here now. By what the last look saw; absent:
   * nothing, and always.
   */
  takes?(task: FlowTask, flow: Flow): TaskTakes | TaskWaits;
  /** Reads what `takes` answers by; called before anything begins. */
  look?(): Promise<void>;
  /** Whether the lease of this worker's attempts is its own wrapper's, who gives it up when the attempt has ended. */
  holdsOwnLease?(worker: string): boolean;
  /**
   * Starts the attempt, and answers when nothing of it runs any more. Its time limit counts here. Aborting `stop` ends it;
   * leaving the promise alone does not: what was started goes on. What it throws says that nothing was started.
   */
  run(attempt: FlowAttempt, context: Readonly<Record<ContextLayer, string>>, stop: AbortSignal): Promise<FollowedEnd>;
  /** The same for one that another runtime has begun, or was about to. */
  follow(attempt: FlowAttempt, stop: AbortSignal): Promise<FollowedEnd>;
  /** What the attempt came to: its checks, its outputs, its result. Safe to repeat. */
  assess(attempt: FlowAttempt, ending: Ending): Promise<AttemptOutcome>;
  /** Ends what attempts that are over left behind. */
  sweep(): void;
}
