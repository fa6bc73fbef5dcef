import { commitMessage, isInertMessage } from "../decide/publish/publish-text.ts";
import type { ReconcileFacts } from "../decide/reconcile/decide-reconcile.ts";
import type { Inspection } from "../domain/delta.ts";
import type { ContractReading, VerificationReport, WorkEvidence } from "../domain/evidence.ts";
import { isPullRequestLane } from "../domain/lane.ts";
import type { Ending, Session } from "../domain/session.ts";
import type { Lease, Task } from "../domain/task.ts";
import { ForgeError } from "../ports.ts";
import { inspectWork } from "./inspect-work.ts";
import type { Project } from "./project.ts";
import { redacted } from "./store-without-secrets.ts";

/** What the host has found of one attempt. */
export interface Found {
  readonly agent: Session;
  readonly ending: Ending;
  /** Of the work. */
  readonly verifications: readonly Session[];
  /** Of the commit it started from. */
  readonly baseVerifications: readonly Session[];
  readonly contract: ContractReading;
  readonly evidence: WorkEvidence | null;
  readonly inspection: Inspection | null;
  readonly report: VerificationReport | null;
  readonly merge: ReconcileFacts["merge"];
  /** Why the host cannot look at the work, after it tried often enough. */
  readonly unreadable: string | null;
}

/** Looks at one session's work before the host gives up on it; each look is an adoption, so the term counts them. */
const maxLooks = 5;

/**
 * What the host itself can see of an ended attempt.
 * A failure that will not pass must not keep the task running for ever: it ends as a failed attempt that
 * says why.
 */
export async function lookAtWork(
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
    const unreadable = error instanceof Error ? error.message : String(error);
    const nothing = { evidence: null, inspection: null, report: null, merge: null } as const;
    return { agent, ending, ...checksOf(agent, sessions), contract: { kind: "missing" }, ...nothing, unreadable };
  }
}

async function find(
  project: Project,
  task: Task,
  agent: Session,
  ending: Ending,
  sessions: readonly Session[],
): Promise<Found> {
  const { runner } = project;
  const checks = checksOf(agent, sessions);
  const newest = checks.verifications.at(-1);
  const contract = runner.contract(agent);
  const baseSha = isPullRequestLane(task.lane) ? await baseGivenTo(project, agent) : null;
  const evidence = await evidenceOn(project, task, { agent, newest, contract, baseSha });
  return {
    agent,
    ending,
    ...checks,
    contract,
    evidence,
    inspection: evidence && !isReadOnly(task) ? await inspectOn(project, agent, evidence, baseSha) : null,
    report: newest ? runner.verification(newest) : null,
    merge: await mergeOf(project, task, evidence, baseSha),
    unreadable: null,
  };
}

const inspectOn = (project: Project, { startSha }: Session, { headSha }: WorkEvidence, baseSha: string | null) =>
  inspectWork(project, { startSha, headSha, ...(baseSha === null ? {} : { baseSha }) });

/** The commit under test tells the two apart: work that is verified is never the commit it started from. */
function checksOf(agent: Session, sessions: readonly Session[]): Pick<Found, "verifications" | "baseVerifications"> {
  const checks = sessions.filter((session) => session.kind === "verify");
  return {
    verifications: checks.filter((session) => session.startSha !== agent.startSha),
    baseVerifications: checks.filter((session) => session.startSha === agent.startSha),
  };
}

async function baseGivenTo({ store, profileId }: Project, agent: Session): Promise<string | null> {
  const rows = await store.worktrees.list({ profileId, states: ["planned", "ready", "retiring"] });
  return rows.find((row) => row.sessionId === agent.id)?.baseSha ?? null;
}

async function evidenceOn(
  project: Project,
  task: Task,
  of: {
    readonly agent: Session;
    readonly newest: Session | undefined;
    readonly contract: ContractReading;
    readonly baseSha: string | null;
  },
): Promise<WorkEvidence | null> {
  const { worktrees, secrets, log } = project;
  const { agent, newest, contract, baseSha } = of;
  const start = { startSha: agent.startSha, ...(baseSha === null ? {} : { baseSha }) };
  if (newest) return worktrees.describe({ ...start, headSha: newest.startSha });
  if (agent.startedAt === null) return null;
  const message = await redacted(secrets, commitMessage(task, contract));
  const collecting = worktrees.collect({
    ...start,
    sessionId: agent.id,
    branch: agent.branch,
    message,
    mayPublish: async (said) => isInertMessage(task, said) && (await secrets.find(said)).length === 0,
  });
  if (!isReadOnly(task)) return collecting;
  return collecting.catch((error: unknown) => {
    // What such a session changed is thrown away in any case: its report must not be lost over it.
    log.warn("what a read-only session changed could not be looked at", { sessionId: agent.id, error });
    return null;
  });
}

const isReadOnly = ({ lane }: Task): boolean => lane === "scheduled-check" || lane === "pr-review";

async function mergeOf(
  { worktrees }: Project,
  task: Task,
  evidence: WorkEvidence | null,
  baseSha: string | null,
): Promise<ReconcileFacts["merge"]> {
  if (task.lane !== "pr-merge-repair" || !evidence || baseSha === null) return null;
  if (await worktrees.isAncestor(baseSha, evidence.headSha)) return "holds-base";
  return (await worktrees.conflicts(evidence.headSha, baseSha)).length === 0 ? "merges-cleanly" : "conflicts";
}
