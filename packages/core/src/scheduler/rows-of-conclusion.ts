import { rowsOnFollowUps, rowsOnSuperseded } from "../decide/publish/follow-up-rows.ts";
import { rowsOnNothingNeeded, rowsOnRepair, rowsOnReport, rowsOnReview } from "../decide/publish/lane-rows.ts";
import type { Tried } from "../decide/publish/needs-human-text.ts";
import { rowsOnNeedsHuman, rowsOnPublish, rowsOnRelease, rowsOnVoided } from "../decide/publish/publish-rows.ts";
import type { Conclusion } from "../decide/reconcile/decide-reconcile.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import type { NewOutboxRow } from "../domain/outbox.ts";
import type { Task } from "../domain/task.ts";
import type { Found } from "./look-at-work.ts";
import type { Project } from "./project.ts";

/** Every write to the forge that one conclusion wants. */
export async function rowsOfConclusion(
  project: Project,
  task: Task,
  found: Found,
  step: Conclusion,
): Promise<readonly NewOutboxRow[]> {
  const { agent, evidence } = found;
  const target = project.publish;
  const said = { summary: step.summary, backend: agent.backend, evidence };
  switch (step.outcome) {
    case "published":
      return rowsOnPublished(project, task, found);
    case "reported":
      return rowsOnReport(target, task, agent.id, step.reason === "reported-alert", said);
    case "reviewed": {
      const verdict = { isApproved: step.reason === "review-approved", headSha: agent.startSha };
      return rowsOnReview(target, task, agent.id, verdict, said);
    }
    case "nothing-to-do":
      if (step.reason === "superseded-by-follow-ups") {
        return rowsOnSuperseded(target, task, agent.id, step.followUps);
      }
      return rowsOnNothingNeeded(target, task, agent.id, { headSha: agent.startSha, summary: step.summary });
    case "needs-human":
      return [
        ...rowsOnFollowUps(target, task, agent.id, step.followUps),
        ...rowsOnNeedsHuman(target, task, agent.id, step, await triedOn(project, task)),
      ];
    case "cancelled":
      // Nobody saw a session that never started, so nobody is told that it was stopped.
      if (agent.startedAt !== null) return rowsOnVoided(target, task, agent.id, step.reason);
      return rowsOnRelease(target, task, agent.id);
    case "try-again":
    case "not-started":
      return rowsOnRelease(target, task, agent.id);
    default:
      throw new Error(`Unknown outcome: ${JSON.stringify(step satisfies never)}`);
  }
}

async function rowsOnPublished(project: Project, task: Task, found: Found): Promise<readonly NewOutboxRow[]> {
  const { evidence, report, contract, agent } = found;
  if (!evidence || !report) {
    throw new Error(`Session ${agent.id} was judged as verified, and there is no evidence or no report of its checks`);
  }
  const work = { evidence, verification: report, contract, backend: agent.backend };
  const pullRequest = pullRequestPayloadOf(task);
  if (pullRequest) return rowsOnRepair(project.publish, task, agent.id, { ...work, pullRequest });
  // The only conclusion on an issue that needs an answer of the forge's; every other is saved while it is away.
  const base = await project.worktrees.baseBranch();
  return rowsOnPublish(project.publish, task, agent.id, { ...work, base, branch: agent.branch });
}

/** One try per agent's session; the sessions that checked its work are part of it. */
async function triedOn({ store }: Project, task: Task): Promise<readonly Tried[]> {
  const sessions = await store.sessions.list({ taskId: task.id });
  const checks = new Set(sessions.filter(({ kind }) => kind === "verify").map(({ id }) => id));
  const attempts = await store.tasks.attempts(task.id);
  return attempts
    .filter(({ sessionId }) => sessionId === null || !checks.has(sessionId))
    .map(({ attempt, reason, startedAt, endedAt }) => ({
      attempt,
      reason,
      durationMs: endedAt === null ? null : endedAt - startedAt,
    }));
}
