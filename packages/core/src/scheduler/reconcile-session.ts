import { type Conclusion, decideReconcile } from "../decide/decide-reconcile.ts";
import { rowsOnNeedsHuman, rowsOnPublish, rowsOnRelease } from "../decide/publish-rows.ts";
import { commitMessage, isInertMessage } from "../decide/publish-text.ts";
import type { ContractReading, VerificationReport, WorkEvidence } from "../domain/evidence.ts";
import type { Json } from "../domain/json.ts";
import type { NewOutboxRow } from "../domain/outbox.ts";
import type { Ending, Session } from "../domain/session.ts";
import type { Lease, Task } from "../domain/task.ts";
import { ForgeError } from "../ports.ts";
import { keepLease } from "./keep-lease.ts";
import { makeWorktree } from "./launch-session.ts";
import type { Project } from "./project.ts";

/** What the host has found of one attempt. */
interface Found {
  readonly agent: Session;
  readonly ending: Ending;
  readonly verifications: readonly Session[];
  readonly contract: ContractReading;
  readonly evidence: WorkEvidence | null;
  readonly report: VerificationReport | null;
  /** Why the host cannot look at the work, after it tried often enough. */
  readonly unreadable: string | null;
}

/** Looks at one session's work before the host gives up on it; each look is an adoption, so the term counts them. */
const maxLooks = 5;

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
    const found = await look(project, ended, agent, agent.ending, sessions, lease);
    // Read after the look, which may take long: a person may have said stop meanwhile.
    const task = await store.tasks.get(taskId);
    if (kept.lost.aborted || !task) return;
    const step = decideReconcile({
      now: project.clock.now(),
      task,
      started: agent.startedAt !== null,
      ending: found.ending,
      contract: found.contract,
      evidence: found.evidence,
      unreadable: found.unreadable,
      verification: newestVerification(found),
      verifications: found.verifications.filter((session) => session.startedAt !== null).length,
      policy: { retryLadder: project.retryLadder, hasVerification: project.hasVerification },
    });
    if (step.kind === "verify") {
      // While sessions are being ended none is started: the lease runs out, and the next runtime goes on from here.
      if (mayStart) await startVerification(project, task, lease, found, step.sha);
    } else await conclude(project, task, lease, found, step);
  } finally {
    await kept.stop();
  }
}

/** A failure that will not pass must not keep the task running for ever: it ends as a failed attempt that says why. */
async function look(
  project: Project,
  task: Task,
  agent: Session,
  ending: Ending,
  sessions: readonly Session[],
  lease: Lease,
): Promise<Found> {
  try {
    return await find(project, task, agent, ending, sessions);
  } catch (error) {
    const looks = lease.term - Math.max(...sessions.map((session) => session.term));
    if (looks < maxLooks || error instanceof ForgeError) throw error;
    const verifications = sessions.filter((session) => session.kind === "verify");
    const unreadable = error instanceof Error ? error.message : String(error);
    return { agent, ending, verifications, contract: { kind: "missing" }, evidence: null, report: null, unreadable };
  }
}

async function find(
  project: Project,
  task: Task,
  agent: Session,
  ending: Ending,
  sessions: readonly Session[],
): Promise<Found> {
  const { runner, worktrees } = project;
  const verifications = sessions.filter((session) => session.kind === "verify");
  const newest = verifications.at(-1);
  const contract = runner.contract(agent);
  const evidence = newest
    ? await worktrees.describe({ startSha: agent.startSha, headSha: newest.startSha })
    : agent.startedAt === null
      ? null
      : await worktrees.collect({
          sessionId: agent.id,
          startSha: agent.startSha,
          message: commitMessage(task, contract),
          mayPublish: (message) => isInertMessage(task, message),
        });
  return {
    agent,
    ending,
    verifications,
    contract,
    evidence,
    report: newest ? runner.verification(newest) : null,
    unreadable: null,
  };
}

function newestVerification({ verifications, report }: Found) {
  const ending = verifications.at(-1)?.ending;
  return ending ? { ending, report } : null;
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
  await runner.launchVerification(session, found.agent);
}

async function conclude(project: Project, task: Task, lease: Lease, found: Found, step: Conclusion): Promise<void> {
  const { store, log, runtimeId } = project;
  const outbox = await rowsFor(project, task, found, step);
  const evidence = evidenceOf(found, step);
  const concludes = [found.agent, ...found.verifications].map(({ id }) => ({
    sessionId: id,
    outcome: step.outcome,
    evidence,
  }));
  if (step.providerCooldownUntil !== null) {
    // Before the release: it is true whoever concludes, and a crash between the two must not lose it.
    const scope = `provider:${found.agent.backend}`;
    await store.cooldowns.set({ scope, until: step.providerCooldownUntil, reason: step.reason }, runtimeId);
  }
  const released = await store.tasks.release(lease, step.release, { actor: runtimeId, outbox, concludes });
  if (released === "lost") return;
  log.info("session concluded", {
    sessionId: found.agent.id,
    subject: task.subject,
    outcome: step.outcome,
    reason: step.reason,
  });
}

async function rowsFor(project: Project, task: Task, found: Found, step: Conclusion): Promise<readonly NewOutboxRow[]> {
  const { evidence, report, contract, agent } = found;
  const target = project.publish;
  if (step.outcome === "published" && evidence && report) {
    // The only conclusion that needs an answer of the forge's; every other one is saved while it is away.
    const base = await project.worktrees.baseBranch();
    return rowsOnPublish(target, task, agent.id, {
      base,
      branch: agent.branch,
      evidence,
      verification: report,
      contract,
      backend: agent.backend,
    });
  }
  if (step.outcome === "needs-human") return rowsOnNeedsHuman(target, task, agent.id, step);
  return rowsOnRelease(target, task, agent.id);
}

const evidenceOf = ({ evidence, report }: Found, step: Conclusion): Json => ({
  reason: step.reason,
  summary: step.summary,
  headSha: evidence?.headSha ?? null,
  files: evidence ? evidence.files.map((file) => ({ ...file })) : [],
  hostCommit: evidence?.hostCommit ?? false,
  verification: report ? report.commands.map((command) => ({ ...command })) : null,
});
