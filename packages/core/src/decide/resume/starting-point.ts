import { isPullRequestLane } from "../../domain/lane.ts";
import type { Session } from "../../domain/session.ts";
import { fieldIn } from "../past-work.ts";
import type { ResumeFacts } from "./decide-resume.ts";

/** Where the worktree of a session that goes on starts, and where its work is counted from. */
export interface StartingPoint {
  /** What the worktree holds. */
  readonly worktreeSha: string;
  /** Everything after it is this work: evidence, checks and publishing count from here. */
  readonly startSha: string;
  readonly isWorkCarried: boolean;
}

/**
 * Pure. The files the agent remembers, or null when they are not to be had: its memory of its edits would be false.
 * Work on an issue goes on from where the earlier attempt started, also when the base has moved since; a pull
 * request's has to be on the head that was decided over.
 */
export function startingPoint(
  from: Session,
  { task, startSha, found }: Pick<ResumeFacts, "task" | "startSha" | "found">,
): StartingPoint | null {
  const anew = { worktreeSha: startSha, startSha, isWorkCarried: false };
  // What these change is thrown away each time.
  if (task.lane === "scheduled-check" || task.lane === "pr-review") return anew;
  const left = leftBy(from);
  if (isPullRequestLane(task.lane) && from.startSha !== startSha) return left === startSha ? anew : null;
  // Failing on its base is why it waited for another one.
  const isOnBrokenBase = fieldIn(from.evidence, "reason") === "baseline-broken";
  if (left === null || left === from.startSha) return isOnBrokenBase ? null : anew;
  if (isOnBrokenBase || !found.isWorkThere) return null;
  return { worktreeSha: left, startSha: from.startSha, isWorkCarried: true };
}

/** The commit with all that a concluded session left. */
export function leftBy({ evidence }: Pick<Session, "evidence">): string | null {
  const sha = fieldIn(evidence, "headSha");
  return typeof sha === "string" ? sha : null;
}
