import { arePeopleTrusted, conversationOf } from "../decide/resume/conversation-of.ts";
import { decideResume, type ResumeDecision } from "../decide/resume/decide-resume.ts";
import { earlierAttempts } from "../decide/resume/earlier-attempts.ts";
import { leftBy, type StartingPoint } from "../decide/resume/starting-point.ts";
import type { Provider } from "../domain/provider.ts";
import type { Conversation, ResumeFindings, Resumption } from "../domain/resumption.ts";
import type { Session, Usage } from "../domain/session.ts";
import type { Task } from "../domain/task.ts";
import type { Project } from "./project.ts";

/** How one session stands to those before it, and where its worktree starts. */
export interface Continuation {
  readonly start: StartingPoint;
  readonly conversation: Conversation | null;
  readonly resumes: Resumption | null;
  readonly findings: ResumeFindings | null;
}

/**
 * Looks for the earlier session that this one goes on with. Nothing is changed: the rows say it when the session is
 * intended. `startSha`: where a session without a past would start.
 */
export async function continuationOf(
  project: Project,
  task: Task,
  provider: Provider,
  sessionId: string,
  startSha: string,
): Promise<Continuation> {
  const { resume, log } = project;
  const anew = { worktreeSha: startSha, startSha, isWorkCarried: false };
  if (!resume) return { start: anew, conversation: null, resumes: null, findings: null };
  const { backend } = provider;
  const speaker = resume.conversations.speaker(backend, task);
  const speaks = conversationOf(task, project.policy, provider.model ?? speaker.model);
  const earlier = await earlierSessions(project, task, sessionId);
  const decision = decideResume({
    now: project.clock.now(),
    policy: resume.policy,
    task,
    backend,
    speaks,
    startSha,
    earlier,
    found: await lookAt(project, earlier.at(-1), startSha),
  });
  if (decision.from) {
    log.info("session follows an earlier one", {
      ...{ sessionId, subject: task.subject, follows: decision.from.id },
      ...{ rung: decision.rung, because: decision.because },
    });
  }
  const own = resume.policy.enabled && speaker.keepsConversations ? { id: sessionId, ...speaks } : null;
  return {
    start: decision.rung === "native" ? decision.start : anew,
    conversation: decision.rung === "native" ? joined(decision.from, speaks) : own,
    resumes: decision.from && resumptionOf(decision.from, decision.rung),
    findings: findingsOf(decision, earlier, task, speaks.text),
  };
}

/** Those that never ran changed nothing and remember nothing. */
async function earlierSessions({ store, profileId }: Project, { subject }: Task, own: string) {
  const sessions = await store.sessions.list({ profileId, subject });
  return sessions.filter(({ id, kind, startedAt }) => kind === "agent" && startedAt !== null && id !== own);
}

async function lookAt(project: Project, from: Session | undefined, startSha: string) {
  const { resume, store, policy, profileId, source } = project;
  const conversation = from?.conversation;
  if (!from || !resume || !conversation) return { isStateThere: false, arePeopleTrusted: false, isWorkThere: false };
  const permissions = new Map(
    (await store.permissions.list(profileId)).map((each) => [each.login.toLowerCase(), each]),
  );
  const selfLogin = conversation.people.length === 0 ? null : await source.selfLogin();
  return {
    isStateThere: await resume.conversations.isThere(conversation.id, from.backend),
    arePeopleTrusted: arePeopleTrusted(conversation, { permissions, policy, selfLogin }),
    isWorkThere: await isWorkThere(project, from, startSha),
  };
}

/** A commit that the anchor has not, for whatever reason, is one that nobody can go on from. */
async function isWorkThere({ worktrees, log }: Project, from: Session, startSha: string): Promise<boolean> {
  const left = leftBy(from);
  if (left === null) return false;
  try {
    return (await worktrees.isAncestor(from.startSha, startSha)) && (await worktrees.isAncestor(from.startSha, left));
  } catch (error) {
    log.warn("the work of an earlier session could not be found", { sessionId: from.id, error });
    return false;
  }
}

/** Whose words a conversation holds only grows. */
function joined({ conversation }: Session, speaks: Omit<Conversation, "id">): Conversation | null {
  if (!conversation) return null;
  const people = [...new Set([...conversation.people, ...speaks.people])].sort();
  return { ...conversation, people, text: speaks.text };
}

const resumptionOf = (from: Session, rung: Resumption["rung"]): Resumption => ({
  sessionId: from.id,
  nativeSessionId: from.ending?.nativeSessionId ?? null,
  rung,
});

function findingsOf(
  decision: ResumeDecision,
  earlier: readonly Session[],
  task: Task,
  text: string,
): ResumeFindings | null {
  if (decision.rung === "fresh") return null;
  const { from, rung } = decision;
  const isNative = rung === "native";
  const inOne = earlier.filter(({ conversation }) => conversation && conversation.id === from.conversation?.id);
  return {
    rung,
    nativeSessionId: isNative ? (from.ending?.nativeSessionId ?? null) : null,
    // The conversation knows its own past: what it does not know is how it ended.
    earlier: earlierAttempts(isNative ? [from] : earlier.filter(({ taskId }) => taskId === task.id)),
    isWorkCarried: isNative && decision.start.isWorkCarried,
    isTextChanged: from.conversation?.text !== text,
    // What was counted while it ran stands where a session was killed before it could say its total.
    usageBefore: isNative ? totalOf(inOne.map(({ spend, ending }) => spend?.usage ?? ending?.usage ?? {})) : {},
  };
}

function totalOf(usages: readonly Usage[]): Usage {
  const total: Record<string, number> = {};
  for (const usage of usages)
    for (const [name, count] of Object.entries(usage)) total[name] = (total[name] ?? 0) + count;
  return total;
}
