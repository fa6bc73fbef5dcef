import type { Lane } from "../../domain/lane.ts";
import { isLane } from "../../domain/lane.ts";
import type { Conversation, ResumePolicy } from "../../domain/resumption.ts";
import type { Session } from "../../domain/session.ts";
import type { Instant } from "../../domain/time.ts";
import { endsForGood, isConversationId, leavesWork } from "./may-go-on.ts";
import { type StartingPoint, startingPoint } from "./starting-point.ts";

/** Why a session goes on with an earlier one as it does; for logs and tests. */
export type ResumeCause =
  | "first"
  | "disabled"
  | "other-lane"
  | "person-said-stop"
  | "work-is-done"
  | "not-concluded"
  | "no-conversation"
  | "other-backend"
  | "other-model"
  | "other-trust"
  | "too-old"
  | "ended-for-good"
  | "refused-before"
  | "tries-used-up"
  | "state-gone"
  | "work-moved"
  | "goes-on";

export type ResumeDecision =
  | { readonly rung: "native"; readonly from: Session; readonly start: StartingPoint; readonly because: ResumeCause }
  | { readonly rung: "digest"; readonly from: Session; readonly because: ResumeCause }
  | { readonly rung: "fresh"; readonly from: Session | null; readonly because: ResumeCause };

export interface ResumeFacts {
  readonly now: Instant;
  readonly policy: ResumePolicy;
  readonly task: { readonly id: number; readonly lane: string; readonly attempts: number };
  readonly backend: string;
  /** What this session's own conversation would hold. */
  readonly speaks: Omit<Conversation, "id">;
  /** The commit a session without a past would start from: the base's head, or the pull request's. */
  readonly startSha: string;
  /** The agents' sessions of the subject, oldest first, this one left out. */
  readonly earlier: readonly Session[];
  /** What the host found of the newest of `earlier`. */
  readonly found: {
    /** Its backend can go on with its conversation: the state is there, whole and of sensible size. */
    readonly isStateThere: boolean;
    /** Everybody whose words its conversation holds counts still. */
    readonly arePeopleTrusted: boolean;
    /** The commit it started from is one that `startSha` has in its history, and its work stands on it. */
    readonly isWorkThere: boolean;
  };
}

/**
 * Pure. The rung of the ladder for one more attempt: the backend's own conversation, then a new one that is told what
 * was tried, then nothing. Giving up is the attempts' cap. Asked of the newest earlier session alone: whoever came
 * after it worked on other files than it remembers.
 */
export function decideResume(facts: ResumeFacts): ResumeDecision {
  const { task, policy, earlier } = facts;
  const from = earlier.at(-1) ?? null;
  if (!from) return { rung: "fresh", from, because: "first" };
  if (!policy.enabled) return { rung: "fresh", from, because: "disabled" };
  const isSameTask = from.taskId === task.id;
  if (!isSameTask && !mayFollow(from.lane, task.lane)) return { rung: "fresh", from, because: "other-lane" };
  const over = isOver(from, isSameTask, task.lane);
  if (over) return { rung: "fresh", from, because: over };
  const native = goesOn(facts, from);
  if (typeof native === "object") return { rung: "native", from, start: native, because: "goes-on" };
  // What was tried in another task stands in this one's own texts: its blocker, its findings.
  return { rung: isSameTask ? "digest" : "fresh", from, because: native };
}

/** A second review has to be independent, and each check of a schedule looks anew: those never follow another task. */
const followers: { readonly [lane in Lane]: readonly Lane[] } = {
  "issue-implementation": ["issue-implementation", "blocked-recovery"],
  "blocked-recovery": ["issue-implementation", "blocked-recovery"],
  "scheduled-check": [],
  "pr-review": [],
  "pr-fix": ["pr-fix"],
  "pr-merge-repair": [],
};

const mayFollow = (earlier: string, lane: string): boolean =>
  isLane(earlier) && isLane(lane) && followers[lane].includes(earlier);

/** Endings after which nobody goes on: a person's no, and work that is done, but for a pull request's next round. */
function isOver(from: Session, isSameTask: boolean, lane: string): ResumeCause | null {
  if (from.state !== "concluded") return "not-concluded";
  if (from.outcome === "cancelled") return "person-said-stop";
  return !leavesWork(from.outcome) && !isSameTask && lane !== "pr-fix" ? "work-is-done" : null;
}

function goesOn(facts: ResumeFacts, from: Session): StartingPoint | ResumeCause {
  const { policy, speaks, found, now } = facts;
  const { conversation, ending } = from;
  if (!conversation || !ending || !isConversationId(ending.nativeSessionId)) return "no-conversation";
  if (from.backend !== facts.backend) return "other-backend";
  if (conversation.model !== speaks.model) return "other-model";
  if (conversation.trust !== speaks.trust || !found.arePeopleTrusted) return "other-trust";
  if (now - ending.endedAt > policy.maxAgeMs) return "too-old";
  if (facts.earlier.some((session) => isRefused(session, conversation.id))) return "refused-before";
  if (endsForGood(ending)) return "ended-for-good";
  if (nativeTries(facts) >= policy.nativeTries) return "tries-used-up";
  if (!found.isStateThere) return "state-gone";
  return startingPoint(from, facts) ?? "work-moved";
}

const isRefused = ({ conversation, ending }: Session, id: string): boolean =>
  conversation?.id === id && ending?.failureReason === "resume-refused";

/** By attempts, so that a session which was not charged for (a quota, a restart) takes nothing off the rung. */
function nativeTries({ earlier, task }: ResumeFacts): number {
  const tried = earlier.filter(
    (session) => session.taskId === task.id && session.resumes?.rung === "native" && session.attempt < task.attempts,
  );
  return new Set(tried.map(({ attempt }) => attempt)).size;
}
