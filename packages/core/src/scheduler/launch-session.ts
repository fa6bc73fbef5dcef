import { issueBranchPrefix, issueNumberOf } from "../decide/issue-text.ts";
import { releaseNotStarted } from "../decide/not-started.ts";
import { rowsOnClaim, rowsOnRelease } from "../decide/publish-rows.ts";
import type { Session } from "../domain/session.ts";
import type { Claim } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { ForgeError } from "../ports.ts";
import { keepLease } from "./keep-lease.ts";
import type { Project } from "./project.ts";

/**
 * Claim, intent, worktree, wrapper: each step is in the store before the next one is taken, so that a crash between
 * any two leaves something recovery knows how to end. Another runtime that claimed first wins, and we do nothing.
 */
export async function launchSession(project: Project, taskId: number): Promise<void> {
  const { store } = project;
  const task = await store.tasks.get(taskId);
  if (!task) return;
  const sessionId = project.newSessionId(taskId);
  const claim = await store.tasks.claim({
    queues: [],
    taskId,
    owner: project.runtimeId,
    leaseMs: project.leaseMs,
    outbox: rowsOnClaim(project.publish, task, sessionId),
  });
  if (!claim) return;
  const kept = keepLease(project, claim.lease);
  try {
    await startUnder(project, claim, sessionId, kept.lost);
  } catch (error) {
    project.log.error("launch failed", { taskId, sessionId, error });
    await giveBack(project, claim, sessionId, error);
  } finally {
    await kept.stop();
  }
}

async function startUnder(project: Project, claim: Claim, sessionId: string, lost: AbortSignal): Promise<void> {
  const { store, worktrees, runner } = project;
  const { task, lease } = claim;
  const base = await worktrees.fetchBase();
  const session = await store.sessions.intend(lease, {
    id: sessionId,
    profileId: project.profileId,
    attempt: task.attempts,
    kind: "agent",
    subject: task.subject,
    lane: task.lane,
    backend: project.policy.backend,
    runDir: project.runDirOf(sessionId),
    worktreePath: worktrees.pathFor(sessionId),
    branch: `${issueBranchPrefix(project.profileId, issueNumberOf(task.subject) ?? 0)}${sessionId}`,
    startSha: base.sha,
  });
  if (session === "lost") return;
  await makeWorktree(project, session, () => worktrees.create({ sessionId, branch: session.branch, sha: base.sha }));
  if (lost.aborted) return;
  await runner.launchAgent(session, task);
}

/** Intent row, folder, ready row: an unfinished one is swept when its session is concluded. */
export async function makeWorktree(project: Project, session: Session, make: () => Promise<void>): Promise<void> {
  const { store, profileId } = project;
  const path = session.worktreePath;
  await store.worktrees.plan({ path, profileId, sessionId: session.id, baseSha: session.startSha });
  await make();
  await store.worktrees.setState(path, "ready");
}

async function giveBack(project: Project, { task, lease }: Claim, sessionId: string, error: unknown): Promise<void> {
  const { store, clock, runner } = project;
  const summary = error instanceof Error ? error.message : String(error);
  const session = await store.sessions.get(sessionId);
  if (session) {
    if ((await runner.reap(session)) === "wrapper-alive") return;
    await store.sessions.end(sessionId, session.term, {
      exitReason: "lost",
      failureReason: "launch-failed",
      exitCode: null,
      signal: null,
      startedAt: session.intendedAt,
      endedAt: clock.now(),
      nativeSessionId: null,
      usage: {},
      retryAt: null,
      summary,
      processes: { killed: 0, survivors: 0 },
    });
    return;
  }
  const failure = { reason: "launch-failed" as const, summary, ...passingOf(error) };
  await store.tasks.release(lease, releaseNotStarted(task, failure, clock.now()), {
    actor: project.runtimeId,
    outbox: rowsOnRelease(project.publish, task, sessionId),
  });
}

/** While the forge is away no tick launches anything, so a launch that it broke need not wait as long as one we broke. */
function passingOf(error: unknown): { readonly isPassing?: true; readonly notBefore?: Instant } {
  if (!(error instanceof ForgeError)) return {};
  if (error.failure === "unreachable") return { isPassing: true };
  return error.details.resumeAt === undefined ? {} : { notBefore: error.details.resumeAt };
}
