import { type Deliverer, ForgeError, type OutboxBodies, type OutboxRow } from "@agent-control-plane/core";
import type { WorkflowRun } from "../github/commit-writes.ts";
import type { ForgeWrites } from "../github/forge-writes.ts";

/**
 * Result: `{ runIds }`. A run that goes on already needs nothing; one that began again since this row was written was
 * begun by an earlier try of it. (The honest weakness: "since" compares our clock with the forge's, so it counts only
 * when there was an earlier try. Far-off clocks then start a run once more, or take an old attempt for ours.)
 *
 * Whatever reports a check also names the workflow run it belongs to, so each run is looked at first: one of another
 * commit (a deployment, say) is never started from here.
 */
export function rerunChecks(forge: Pick<ForgeWrites, "workflowRun" | "rerunFailedJobs">): Deliverer {
  async function rerun(row: OutboxRow, runId: number): Promise<void> {
    const { sha } = bodyOf(row);
    const run = await forge.workflowRun(runId);
    if (run.headSha !== sha) throw otherCommit(runId, sha, run.headSha);
    if (row.tries > 1 ? isRunningAgain(run, row) : !run.isCompleted) return;
    try {
      await forge.rerunFailedJobs(runId);
    } catch (error) {
      if (!isRefused(error) || (await forge.workflowRun(runId)).isCompleted) throw error;
    }
  }

  return {
    /** All are asked before the first refusal fails the row: one old run must not keep the others from running. */
    async deliver(row) {
      const { runIds } = bodyOf(row);
      const refusals: unknown[] = [];
      for (const runId of runIds) {
        try {
          await rerun(row, runId);
        } catch (error) {
          if (!isDefinite(error)) throw error;
          refusals.push(error);
        }
      }
      if (refusals.length > 0) throw refusals[0];
      return { runIds };
    },
    async settle(row) {
      const { runIds } = bodyOf(row);
      for (const runId of runIds) {
        if (!isRunningAgain(await forge.workflowRun(runId), row)) return null;
      }
      return { runIds };
    },
  };
}

/** The forge's times have whole seconds. */
function isRunningAgain({ isCompleted, startedAt }: WorkflowRun, { createdAt }: OutboxRow): boolean {
  return !isCompleted || (startedAt !== null && startedAt >= Math.floor(createdAt / 1000) * 1000);
}

// 403 and 409 are also what a run that goes on already is answered with.
function isRefused(error: unknown): boolean {
  return error instanceof ForgeError && (error.details.status === 403 || error.details.status === 409);
}

function isDefinite(error: unknown): boolean {
  return error instanceof ForgeError && (error.failure === "refused" || error.failure === "gone");
}

function bodyOf(row: OutboxRow): OutboxBodies["rerun-checks"] {
  return row.body as OutboxBodies["rerun-checks"];
}

function otherCommit(runId: number, expected: string, found: string): ForgeError {
  return new ForgeError(
    "refused",
    `Workflow run ${runId} was not started again: expected one of commit ${expected}, found one of ${found}.`,
  );
}
