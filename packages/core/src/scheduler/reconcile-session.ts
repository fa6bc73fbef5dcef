import { changesOnlyBlanks } from "../decide/guard/changes-only-blanks.ts";
import {
  type Conclusion,
  cancelled,
  decideReconcile,
  type ReconcileFacts,
  superseded,
} from "../decide/reconcile/decide-reconcile.ts";
import { issueNumberOf } from "../decide/subjects.ts";
import type { VerificationReport } from "../domain/evidence.ts";
import type { Json } from "../domain/json.ts";
import { isPullRequestLane } from "../domain/lane.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import { type ChangedRange, ledgerOf, noLedgers } from "../domain/review.ts";
import type { Session } from "../domain/session.ts";
import type { Lease, Task } from "../domain/task.ts";
import { keepLease } from "./keep-lease.ts";
import { makeWorktree } from "./launch-session.ts";
import { type Found, lookAtWork } from "./look-at-work.ts";
import type { Project } from "./project.ts";
import { proveOver, recordLimit } from "./quota-calendar.ts";
import { rowsOfConclusion } from "./rows-of-conclusion.ts";

/**
 * Brings one ended attempt a step on: to a verification session, or to its conclusion. Adopting the task's lease under
 * a new term makes us the only one who does; a crash anywhere lets the lease expire and the next runtime start over
 * from the same facts. The conclusion, the task's next state and every GitHub write it wants are one transaction.
 */
export async function reconcileTask(project: Project, taskId: number, mayStart = true): Promise<void> {
  const { store } = project;
  const ended = await store.tasks.get(taskId);
  if (ended?.state !== "running") return;
  const sessions = await store.sessions.list({ taskId, states: ["intended", "running", "ended"] });
  const agent = sessions.find((session) => session.kind === "agent");
  if (!agent?.ending || sessions.some((session) => session.state !== "ended")) return;
  const lease = await store.tasks.adopt({ taskId, term: ended.term }, project.runtimeId, project.leaseMs);
  if (lease === "lost") return;
  const kept = keepLease(project, lease);
  try {
    const found = await lookAtWork(project, ended, agent, agent.ending, sessions, lease);
    // Read after the look, which may take long: a person may have said stop meanwhile.
    const task = await store.tasks.get(taskId);
    if (kept.lost.aborted || !task) return;
    const step = decideReconcile({
      now: project.clock.now(),
      task,
      started: agent.startedAt !== null,
      startSha: agent.startSha,
      ending: found.ending,
      contract: found.contract,
      evidence: found.evidence,
      inspection: found.inspection,
      unreadable: found.unreadable,
      verification: newestOf(found.verifications, found.report),
      verifications: startedOf(found.verifications),
      baseline: await baselineOf(project, found),
      merge: found.merge,
      changedSinceReview: await changedSinceReview(project, task, found),
      policy: {
        ...project,
        maxStuckReviews: project.policy.reviews.maxStuckRounds,
        mayFollowUp: project.publish.followUps?.mode !== "off",
      },
    });
    if (step.kind !== "conclude") {
      // While sessions are being ended none is started: the lease runs out, and the next runtime goes on from here.
      if (mayStart) await startVerification(project, task, lease, found, step.sha);
    } else await conclude(project, task, lease, found, await unlessMoved(project, task, found, step));
  } finally {
    await kept.stop();
  }
}

/** Asked only when checks failed on work for an issue: nothing else is excused by its base. */
async function baselineOf(
  project: Project,
  { agent, report, baseVerifications }: Found,
): Promise<ReconcileFacts["baseline"]> {
  if (report === null || report.passed || isPullRequestLane(agent.lane)) {
    return { verdict: "unknown", verification: null, verifications: 0 };
  }
  const { store, profileId, runner } = project;
  const known = await store.baselines.get(profileId, agent.startSha);
  const newest = baseVerifications.at(-1);
  return {
    verdict: known === null ? "unknown" : known.passed ? "passed" : "broken",
    verification: newestOf(baseVerifications, newest ? runner.verification(newest) : null),
    verifications: startedOf(baseVerifications),
    isMended: await mendsItsBase(project, agent),
  };
}

/** Whether a session works the issue that stands for the broken base. */
async function mendsItsBase({ store, profileId, known }: Project, { subject }: Session): Promise<boolean> {
  const broken = known.base ? await store.brokenBases.newest(profileId, known.base.branch) : null;
  return broken !== null && broken.closedAt === null && broken.issue === (issueNumberOf(subject) ?? 0);
}

function newestOf(checks: readonly Session[], report: VerificationReport | null): ReconcileFacts["verification"] {
  const ending = checks.at(-1)?.ending;
  return ending ? { ending, report } : null;
}

const startedOf = (checks: readonly Session[]): number => checks.filter(({ startedAt }) => startedAt !== null).length;

/** Asked only of a later review by the same reviewer: an earlier head may be gone by now, and then it is not known. */
async function changedSinceReview(
  { worktrees, log }: Project,
  task: Task,
  { agent, contract }: Found,
): Promise<readonly ChangedRange[] | null> {
  const pullRequest = pullRequestPayloadOf(task);
  const before = ledgerOf(pullRequest?.review?.ledgers ?? noLedgers, pullRequest?.round ?? 1);
  if (!before?.headSha || contract.kind !== "valid") return null;
  return worktrees.changedLines({ fromSha: before.headSha, toSha: agent.startSha }).catch((error: unknown) => {
    log.warn("what changed since the last review could not be read", { sessionId: agent.id, error });
    return null;
  });
}

/**
 * A push to the pull request's branch while its repair was made or checked, or while it was reviewed: the repair starts
 * from a head that is gone, and the verdict is of one.
 */
async function unlessMoved(project: Project, task: Task, { evidence }: Found, step: Conclusion): Promise<Conclusion> {
  const pullRequest = pullRequestPayloadOf(task);
  const isOfHead = (step.outcome === "published" && evidence !== null) || step.outcome === "reviewed";
  if (!isOfHead || !pullRequest) return step;
  const head = await project.worktrees.fetchBranch(pullRequest.headRef);
  if (head?.sha === pullRequest.headSha) return step;
  const what = step.outcome === "reviewed" ? "the review is of" : "the repair starts from";
  return superseded(`its branch is at ${head?.sha ?? "nothing"} now, and ${what} ${pullRequest.headSha}`);
}

async function startVerification(project: Project, task: Task, lease: Lease, found: Found, sha: string): Promise<void> {
  const { store, worktrees, runner } = project;
  const id = project.newSessionId(task.id);
  const session = await store.sessions.intend(lease, {
    id,
    profileId: project.profileId,
    attempt: task.attempts,
    kind: "verify",
    subject: task.subject,
    lane: task.lane,
    backend: "verify",
    runDir: project.runDirOf(id),
    worktreePath: worktrees.pathFor(id),
    branch: found.agent.branch,
    startSha: sha,
  });
  if (session === "lost") return;
  await makeWorktree(project, session, () => worktrees.createCheckout({ sessionId: id, sha }));
  const changed = (found.evidence?.files ?? []).map(({ path }) => path);
  await runner.launchVerification(session, found.agent, changed);
}

async function conclude(project: Project, task: Task, lease: Lease, found: Found, step: Conclusion): Promise<void> {
  const { store, log, runner, runtimeId } = project;
  const outbox = await rowsOfConclusion(project, task, found, step);
  // The forge may have been asked for the rows, and a person may have said stop meanwhile.
  const now = await store.tasks.get(task.id);
  if (now && now.cancelRequestedAt !== null && task.cancelRequestedAt === null) {
    return conclude(project, now, lease, found, cancelled(now.reason ?? "cancelled"));
  }
  const evidence = evidenceOf(found, step);
  try {
    runner.keepEvidence(found.agent, { sessionId: found.agent.id, subject: task.subject, ...evidence });
  } catch (error) {
    // The store has it all the same, and a full disk must not keep work from being concluded.
    log.warn("the evidence was not written to the run folder", { sessionId: found.agent.id, error });
  }
  const concludes = [found.agent, ...found.verifications, ...found.baseVerifications].map(({ id }) => ({
    sessionId: id,
    outcome: step.outcome,
    evidence,
  }));
  // Before the release: it is true whoever concludes, and a crash between the two must not lose it.
  if (step.limit) await recordLimit(project, found.agent, step.limit);
  else await proveOver(project, [found.agent]);
  if (step.baseline !== null) {
    const { profileId } = project;
    await store.baselines.put({ profileId, sha: found.agent.startSha, ...step.baseline }, runtimeId);
  }
  await noteGreenBase(project, found, step);
  const released = await store.tasks.release(lease, step.release, { actor: runtimeId, outbox, concludes });
  if (released === "lost") return;
  log.info("session concluded", {
    sessionId: found.agent.id,
    subject: task.subject,
    outcome: step.outcome,
    reason: step.reason,
  });
}

/** Work that passed the profile's checks says so of the head it started from; but for work that mends it. */
async function noteGreenBase(project: Project, { agent }: Found, { outcome }: Conclusion): Promise<void> {
  const { store, profileId, known } = project;
  if (outcome !== "published" || isPullRequestLane(agent.lane) || agent.startSha !== known.base?.sha) return;
  if (await mendsItsBase(project, agent)) return;
  await store.brokenBases.seenGreen({ profileId, branch: known.base.branch, sha: agent.startSha });
}

const evidenceOf = (
  { agent, evidence, report, inspection }: Found,
  step: Conclusion,
): { readonly [name: string]: Json } => ({
  outcome: step.outcome,
  reason: step.reason,
  summary: step.summary,
  startSha: agent.startSha,
  headSha: evidence?.headSha ?? null,
  commits: evidence?.commits ?? 0,
  hostCommit: evidence?.hostCommit ?? false,
  files: evidence ? evidence.files.map((file) => ({ ...file })) : [],
  leftOut: evidence?.leftOut?.slice(0, 100) ?? [],
  isZeroWork:
    evidence !== null && (evidence.files.length === 0 || (inspection !== null && changesOnlyBlanks(inspection.delta))),
  guards: (step.findings ?? []).map((finding) => ({ ...finding, found: [...finding.found] })),
  verification: report ? report.commands.map((command) => ({ ...command })) : null,
});
