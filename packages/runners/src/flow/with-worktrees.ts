import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type {
  AttemptOutcome,
  Clock,
  Ending,
  FlowAttempt,
  FlowWorkers,
  Instant,
  Json,
  Log,
  Store,
} from "@agent-control-plane/core";
import { GitError } from "../worktree/index.ts";
import { failed } from "./assess-attempt.ts";
import { attemptFiles } from "./attempt-files.ts";
import { type KeptWork, keepWork, makeWorktree, writeKept } from "./attempt-worktree.ts";
import { WorktreeSweeper } from "./sweep-worktrees.ts";

/**
 * The same workers, for tasks that run in a private worktree: made before the attempt, its work kept after it, whatever
 * its end was, and removed when the attempt is concluded.
 */
export function withWorktrees(
  workers: FlowWorkers,
  of: {
    readonly store: Pick<Store, "sessions">;
    readonly log: Log;
    readonly clock: Clock;
    /** Where the folders of all flows are. */
    readonly flowsFolder: string;
  },
): FlowWorkers {
  const sweeper = new WorktreeSweeper(of);
  return {
    ...workers,
    async run(attempt, context, stop) {
      if (!hasWorktree(attempt)) return workers.run(attempt, context, stop);
      sweeper.sees(attempt.flow.folder);
      try {
        await makeWorktree(attempt);
      } catch (error) {
        // What is wrong with the plan stays wrong; a disk that is full does not.
        if (!(error instanceof GitError) || !lasting.includes(error.reason)) throw error;
        return noWorktree(attempt, error.message, of.clock.now());
      }
      const end = await workers.run(attempt, context, stop);
      await keepNow(attempt);
      return end;
    },
    async follow(attempt, stop) {
      if (!hasWorktree(attempt)) return workers.follow(attempt, stop);
      sweeper.sees(attempt.flow.folder);
      const end = await workers.follow(attempt, stop);
      await keepNow(attempt);
      return end;
    },
    async assess(attempt, ending) {
      if (!hasWorktree(attempt)) return workers.assess(attempt, ending);
      const problem = textOf(attemptFiles.worktreeProblem(attempt.session.runDir));
      if (problem !== null) return failed("worktree-failed", problem, true);
      sweeper.sees(attempt.flow.folder);
      // Before the checks, which may leave things.
      const kept = await keepWork(attempt);
      const outcome = await workers.assess(attempt, ending);
      return kept === null ? outcome : withKept(attempt, outcome, kept);
    },
    sweep() {
      workers.sweep();
      sweeper.sweep();
    },
  };

  /** It was run: what cannot be kept now, on a full disk, is kept when its end is looked at, or when it is removed. */
  async function keepNow(attempt: FlowAttempt): Promise<void> {
    try {
      await keepWork(attempt);
    } catch (error) {
      of.log.warn("work of a flow's worktree not kept yet", { session: attempt.session.id, error });
    }
  }
}

const hasWorktree = ({ task }: FlowAttempt): boolean => task.spec.worktree !== null;

const lasting: readonly string[] = ["not-found", "other", "refused", "auth"];

function noWorktree({ session }: FlowAttempt, message: string, at: Instant): Ending {
  mkdirSync(session.runDir, { recursive: true, mode: 0o700 });
  const summary = `Its worktree could not be made: ${message}`;
  writeFileSync(attemptFiles.worktreeProblem(session.runDir), summary, { mode: 0o600 });
  return {
    ...{ exitReason: "failed", failureReason: null, exitCode: null, signal: null, startedAt: at, endedAt: at },
    ...{ nativeSessionId: null, usage: {}, retryAt: null, summary, processes: { killed: 0, survivors: 0 } },
  };
}

/** Told to the tasks after it, and to people. */
function withKept({ session }: FlowAttempt, outcome: AttemptOutcome, kept: KeptWork): AttemptOutcome {
  if (outcome.kind === "done" || outcome.kind === "failed") {
    writeKept(session.runDir, { ...kept, outcome: outcome.kind });
    const { sha, startSha, commits, kept: repository, ref } = kept;
    return { ...outcome, result: joined(outcome.result, { sha, startSha, commits, repository, ref }) };
  }
  return outcome;
}

/** What the worker itself says of a worktree goes before. */
function joined(result: Json, worktree: Json): Json {
  if (result === null) return { worktree };
  return typeof result === "object" && !Array.isArray(result) ? { worktree, ...result } : result;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
