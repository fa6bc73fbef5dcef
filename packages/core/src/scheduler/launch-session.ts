import { issueBranchPrefix } from "../decide/branches.ts";
import { judgeBudget } from "../decide/budget/judge-budget.ts";
import { rowsOnClaim, rowsOnRelease } from "../decide/publish/publish-rows.ts";
import { releaseNotStarted } from "../decide/reconcile/not-started.ts";
import { issueNumberOf } from "../decide/subjects.ts";
import { isPullRequestLane } from "../domain/lane.ts";
import { pullRequestPayloadOf } from "../domain/lane-payload.ts";
import type { Provider } from "../domain/provider.ts";
import type { Session } from "../domain/session.ts";
import type { SessionBudget } from "../domain/spend.ts";
import type { Claim, Task } from "../domain/task.ts";
import type { Instant } from "../domain/time.ts";
import { LaunchRefused } from "../errors.ts";
import { ForgeError } from "../ports.ts";
import type { ClaimRequest } from "../store/store.ts";
import { keepLease } from "./keep-lease.ts";
import { dayOfProject } from "./observe/read-spend.ts";
import type { Project } from "./project.ts";
import { isCooling } from "./quota-calendar.ts";
import { readLogs } from "./read-logs.ts";
import { continuationOf } from "./resume-session.ts";

/**
 * What the task holds while it runs, the limits that its claim counts, and who serves it; whoever decided the launch
 * decides these.
 */
export type Room = Required<Pick<ClaimRequest, "slots" | "within">> & { readonly provider: Provider };

/**
 * Claim, intent, worktree, wrapper: each step is in the store before the next one is taken, so that a crash between
 * any two leaves something recovery knows how to end. Another runtime that claimed first wins, and we do nothing.
 */
export async function launchSession(project: Project, taskId: number, room: Room): Promise<void> {
  const { store } = project;
  const task = await store.tasks.get(taskId);
  if (!task || (await isCooling(project, room.provider))) return;
  // Asked anew: what other sessions spent since the tick decided counts. The next tick says why it waits.
  const budget = await budgetOf(project, task);
  if (budget === null) return;
  const sessionId = project.newSessionId(taskId);
  const claim = await store.tasks.claim({
    queues: [],
    taskId,
    owner: project.runtimeId,
    leaseMs: project.leaseMs,
    outbox: rowsOnClaim(project.publish, task, sessionId),
    slots: room.slots,
    within: room.within,
  });
  if (!claim) return;
  const kept = keepLease(project, claim.lease);
  try {
    await startUnder(project, claim, { provider: room.provider, budget }, sessionId, kept.lost);
  } catch (error) {
    project.log.error("launch failed", { taskId, sessionId, error });
    await giveBack(project, claim, sessionId, error);
  } finally {
    await kept.stop();
  }
}

/** Null: none is left. */
async function budgetOf(project: Project, { subject }: Task): Promise<SessionBudget | null> {
  const { store, profileId, policy } = project;
  const items = await store.spend.items(profileId, [subject]);
  const verdict = judgeBudget(policy.budgets, items.get(subject), await dayOfProject(project), policy.timeZone);
  return verdict.kind === "room" ? verdict.budget : null;
}

async function startUnder(
  project: Project,
  claim: Claim,
  { provider, budget }: { readonly provider: Provider; readonly budget: SessionBudget },
  sessionId: string,
  lost: AbortSignal,
): Promise<void> {
  const { store, worktrees, runner } = project;
  const { task, lease } = claim;
  const start = await startOf(project, task, sessionId);
  if (start === "superseded") return letGo(project, claim, sessionId);
  const { branch, base } = start;
  const {
    start: from,
    conversation,
    resumes,
    findings,
  } = await continuationOf(project, task, provider, sessionId, start.sha);
  const sha = from.worktreeSha;
  const session = await store.sessions.intend(lease, {
    id: sessionId,
    profileId: project.profileId,
    attempt: task.attempts,
    kind: "agent",
    subject: task.subject,
    lane: task.lane,
    backend: provider.backend,
    model: provider.model,
    account: provider.account,
    pool: provider.pool,
    runDir: project.runDirOf(sessionId),
    worktreePath: worktrees.pathFor(sessionId),
    branch,
    startSha: from.startSha,
    conversation,
    resumes,
  });
  if (session === "lost") return;
  const conflicts = base ? await worktrees.conflicts(sha, base.sha) : [];
  await makeWorktree(
    project,
    session,
    // Work on what somebody with permission opted in, and work on branches as they were pushed, share no worktrees.
    () => worktrees.create({ sessionId, branch, sha, ...(base ? { base } : {}), trust: trustOf(base) }),
    base?.sha,
  );
  const logs = await readLogs(project, task);
  if (lost.aborted) return;
  await runner.launchAgent(session, task, { conflicts, logs, resume: findings, budget });
}

const trustOf = (base: Start["base"]): string => (base ? "pull-request" : "opted-in-issue");

interface Start {
  readonly sha: string;
  readonly branch: string;
  /** Where a pull request goes to; null for issues, which start from it. */
  readonly base: { readonly branch: string; readonly sha: string } | null;
}

/**
 * Work on an issue starts from the base branch as it is now, work on a pull request from the head that was decided
 * over: `superseded` when somebody has pushed to it since, or taken its branch away.
 */
async function startOf(project: Project, task: Task, sessionId: string): Promise<Start | "superseded"> {
  const { worktrees, profileId } = project;
  if (!isPullRequestLane(task.lane)) {
    const { sha } = await worktrees.fetchBase();
    const branch = `${issueBranchPrefix(profileId, issueNumberOf(task.subject) ?? 0)}${sessionId}`;
    return { sha, branch, base: null };
  }
  const pullRequest = pullRequestPayloadOf(task);
  if (!pullRequest) throw new Error(`Task ${task.id} of lane "${task.lane}" names no pull request in its payload`);
  const { headRef, headSha, baseRef } = pullRequest;
  const head = await worktrees.fetchBranch(headRef);
  if (head?.sha !== headSha) return "superseded";
  const base = await worktrees.fetchBranch(baseRef);
  if (!base) throw new Error(`Branch "${baseRef}", which ${task.subject} goes to, is not on the forge`);
  return { sha: headSha, branch: headRef, base: { branch: baseRef, sha: base.sha } };
}

/** Nobody worked yet, so there is nothing to tell: what the new head needs is decided by the next tick. */
async function letGo({ store, runtimeId, publish }: Project, { task, lease }: Claim, sessionId: string): Promise<void> {
  const outbox = rowsOnRelease(publish, task, sessionId);
  await store.tasks.release(lease, { kind: "cancelled", reason: "superseded" }, { actor: runtimeId, outbox });
}

/**
 * Intent row, folder, ready row: an unfinished one is swept when its session is concluded. `baseSha`: what a pull
 * request's session was given as its base; the row remembers it for reconcile.
 */
export async function makeWorktree(
  project: Project,
  session: Session,
  make: () => Promise<void>,
  baseSha = session.startSha,
): Promise<void> {
  const { store, profileId } = project;
  const path = session.worktreePath;
  await store.worktrees.plan({ path, profileId, sessionId: session.id, baseSha });
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
      failureReason: error instanceof LaunchRefused ? error.failureReason : "launch-failed",
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
