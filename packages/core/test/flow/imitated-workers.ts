import type { AttemptOutcome, Ending, FlowAttempt, FlowWorkers, FollowedEnd } from "../../src/index.ts";
import { anEnding } from "../store/store-examples.ts";

interface Running {
  readonly attempt: FlowAttempt;
  readonly ended: Promise<Ending>;
  readonly end: (ending: Ending) => void;
  exit: Ending | null;
}

/** The processes of one host, for any number of engines: what one starts another one finds. */
export class ImitatedHost {
  readonly running = new Map<string, Running>();
  /** `task#attempt`, each time one was started. */
  readonly started: string[] = [];
  /** The same, each time one was asked to end. */
  readonly stopped: string[] = [];
  outcome: (attempt: FlowAttempt) => AttemptOutcome = () => ({ kind: "done", result: null });

  finish(taskId: string, now: number): void {
    for (const running of this.running.values()) {
      if (running.attempt.task.id !== taskId || running.exit !== null) continue;
      running.exit = anEnding(now);
      running.end(running.exit);
    }
  }

  workers(): FlowWorkers {
    return {
      refuses: () => null,
      run: async (attempt, _context, stop) => {
        this.started.push(nameOf(attempt));
        let end: (ending: Ending) => void = () => {};
        const ended = new Promise<Ending>((resolve) => {
          end = resolve;
        });
        this.running.set(attempt.session.id, { attempt, ended, end, exit: null });
        return this.#watched(attempt, ended, stop);
      },
      follow: async (attempt, stop): Promise<FollowedEnd> => {
        const running = this.running.get(attempt.session.id);
        return running === undefined ? "never-begun" : this.#watched(attempt, running.ended, stop);
      },
      assess: async (attempt) => this.outcome(attempt),
      sweep: () => {},
    };
  }

  async #watched(attempt: FlowAttempt, ended: Promise<Ending>, stop: AbortSignal): Promise<FollowedEnd> {
    stop.addEventListener("abort", () => {
      this.stopped.push(nameOf(attempt));
      this.running.get(attempt.session.id)?.end({ ...anEnding(0), exitReason: "stopped" });
    });
    return ended;
  }
}

const nameOf = ({ task, session }: FlowAttempt): string => `${task.id}#${session.attempt}`;
