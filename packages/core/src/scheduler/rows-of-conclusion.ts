import { recoveryAhead, type SelfRecovery } from "../decide/issue/blocked-recovery.ts";
import { rowsForApproval } from "../decide/publish/approval-rows.ts";
import { rowsOnFollowUps, rowsOnSuperseded } from "../decide/publish/follow-up-rows.ts";
import { rowsOnNothingNeeded, rowsOnRepair, rowsOnReport } from "../decide/publish/lane-rows.ts";
import type { Tried } from "../decide/publish/needs-human-text.ts";
import { rowsOnNeedsHuman, rowsOnPublish, rowsOnRelease, rowsOnVoided } from "../decide/publish/publish-rows.ts";
import { rowsOnReview } from "../decide/publish/review-rows.ts";
import type { ReviewTold } from "../decide/publish/review-text.ts";
import { reviewReasons } from "../decide/pull-request/pull-request-facts.ts";
import { independenceOf } from "../decide/pull-request/reviewer.ts";
import type { Conclusion } from "../decide/reconcile/decide-reconcile.ts";
import { fieldsOf } from "../domain/fields.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import type { NewOutboxRow } from "../domain/outbox.ts";
import { isFailureReason } from "../domain/reason.ts";
import { ledgerOf, noLedgers } from "../domain/review.ts";
import { ledgersOf } from "../domain/review-shapes.ts";
import type { Session } from "../domain/session.ts";
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
      return askedFor(project, task, found, step, await rowsOnPublished(project, task, found, step));
    case "reported":
      return rowsOnReport(target, task, agent.id, step.reason === "reported-alert", said);
    case "reviewed": {
      const { reviews } = project.policy;
      return rowsOnReview(target, task, agent.id, await reviewTold(project, task, found, step), said, reviews);
    }
    case "nothing-to-do":
      if (step.reason === "superseded-by-follow-ups") {
        return rowsOnSuperseded(target, task, agent.id, step.followUps);
      }
      return rowsOnNothingNeeded(target, task, agent.id, { headSha: agent.startSha, summary: step.summary });
    case "needs-human":
      return [
        ...rowsOnFollowUps(target, task, agent.id, step.followUps),
        ...rowsOnNeedsHuman(target, task, agent.id, step, await triedOn(project, task), ahead(project, task, step)),
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

const ahead = ({ policy }: Project, task: Task, { reason }: Conclusion): SelfRecovery | null =>
  isFailureReason(reason) ? recoveryAhead(task, reason, policy) : null;

async function reviewTold(
  project: Project,
  task: Task,
  { agent, contract }: Found,
  step: Conclusion,
): Promise<ReviewTold> {
  const pullRequest = pullRequestPayloadOf(task);
  const round = pullRequest?.round ?? 1;
  const before = ledgerOf(pullRequest?.review?.ledgers ?? noLedgers, round);
  const result = step.release.kind === "succeeded" ? fieldsOf(step.release.result).ledgers : null;
  const open = ledgerOf(ledgersOf(result) ?? noLedgers, round)?.open ?? [];
  const isApproved = step.reason === reviewReasons.passed;
  const saysApproved = contract.kind === "valid" && contract.outcome === "approved";
  const blocking = open.filter(({ severity }) => severity === "blocking").map(({ id }) => id);
  return {
    isApproved,
    headSha: agent.startSha,
    open,
    resolved: contract.kind === "valid" ? (contract.resolved ?? []) : [],
    blocking: saysApproved && !isApproved ? blocking : [],
    since: before?.headSha ?? null,
    isStuck: step.reason === reviewReasons.notConverging,
    ...(round === 2 ? { independence: independenceOf(await firstReviewer(project, agent), agent) } : {}),
  };
}

/** Whose session made the newest review of this head before this one. */
async function firstReviewer({ store, profileId }: Project, second: Session): Promise<Session | null> {
  const { subject, startSha, taskId } = second;
  const sessions = await store.sessions.list({ profileId, subject });
  const before = sessions.filter(
    (each) => each.kind === "agent" && each.lane === second.lane && each.startSha === startSha && each.taskId < taskId,
  );
  return before.at(-1) ?? null;
}

/** What a person has to approve is saved like the rest, and held back from the beginning. */
function askedFor(
  { publish, policy }: Project,
  task: Task,
  { agent, evidence }: Found,
  { findings = [] }: Conclusion,
  rows: readonly NewOutboxRow[],
): readonly NewOutboxRow[] {
  const asked = findings.filter(({ verdict }) => verdict === "approve");
  return asked.length === 0
    ? rows
    : rowsForApproval(publish, policy.labels, task, agent.id, asked, rows, evidence?.files);
}

async function rowsOnPublished(
  project: Project,
  task: Task,
  found: Found,
  { findings = [] }: Conclusion,
): Promise<readonly NewOutboxRow[]> {
  const { evidence, report, contract, agent } = found;
  if (!evidence || !report) {
    throw new Error(`Session ${agent.id} was judged as verified, and there is no evidence or no report of its checks`);
  }
  const work = { evidence, verification: report, contract, backend: agent.backend, findings };
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
