import { fieldsOf } from "../domain/fields.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { CandidatePullRequest, Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import { approvedSince } from "./approved-since.ts";
import { isBranchOfTask, issueOfBranch } from "./branches.ts";
import type { Effect } from "./effect.ts";
import type { Judged } from "./judge-candidates.ts";
import { endsRunning, pinOf } from "./match-tasks.ts";
import { issueNumberOf, pullRequestNumberOf } from "./subjects.ts";

/**
 * Work that is done and verified, and of which not all was sent: what stops a session holds it back as well, and it goes
 * on when the act is taken back. What was made for another text, or on another head, is never sent.
 */
export function decideUnsent(snapshot: Snapshot, judged: readonly Judged[]): readonly Effect[] {
  if (snapshot.forge.kind === "unseen") return [];
  const bySubject = new Map(judged.map((each) => [each.subject, each]));
  return snapshot.unsent.flatMap((task) => unsentOf(snapshot, bySubject.get(task.subject), task) ?? []);
}

function unsentOf(snapshot: Snapshot, judged: Judged | undefined, task: Task): Effect | null {
  const { id, subject } = task;
  const isHeldBack = snapshot.withdrawn.has(id);
  const drifted = judged ? driftOf(snapshot, judged, task) : null;
  const held = judged ? heldBy(snapshot, judged, task) : "not-wanted";
  if (drifted !== null) {
    const wasAsked = snapshot.awaiting.has(id);
    return { kind: "withdraw", taskId: id, subject, reason: held ?? drifted, forGood: true, wasAsked };
  }
  if (snapshot.awaiting.has(id)) return whileAwaiting(snapshot, held, task);
  if (held !== null) {
    // What had begun to be sent, and was found not to be there, is held back after the rest.
    return isHeldBack && !snapshot.loose?.has(id)
      ? null
      : { kind: "withdraw", taskId: id, subject, reason: held, forGood: false, wasAsked: false };
  }
  return isHeldBack && judged?.pin != null ? { kind: "restore", taskId: id, subject } : null;
}

/**
 * It waits for a person's word: that lets it go, and what takes the work itself back ends the wait. An item that is
 * missing from a list is asked for by itself (`catchUp`) before anything is dropped.
 */
function whileAwaiting(snapshot: Snapshot, held: HoldReason | "not-wanted" | null, task: Task): Effect | null {
  const { id, subject } = task;
  if (held !== null && endsWait.has(held)) {
    return { kind: "withdraw", taskId: id, subject, reason: held, forGood: true, wasAsked: true };
  }
  return held === null && approvedSince(snapshot, task) ? { kind: "restore", taskId: id, subject } : null;
}

const endsWait: ReadonlySet<string> = new Set(["not-open", "not-opted-in", "not-managed", "fork"]);

/**
 * The pull request that this very work opened stands in nothing's way. One of an earlier attempt does: an issue has one
 * open pull request of ours at a time, and which of two goes on is a person's to say.
 */
function heldBy({ forge, policy }: Snapshot, { subject, verdict }: Judged, task: Task): HoldReason | null {
  if (verdict.kind !== "hold" || !endsRunning.has(verdict.because)) return null;
  if (verdict.because !== "linked-pull-request" || forge.kind === "unseen") return verdict.because;
  const number = issueNumberOf(subject);
  const isOurs = ({ pullRequest }: CandidatePullRequest) =>
    number !== null &&
    issueOfBranch(pullRequest, policy.profileId, policy.slug) === number &&
    isBranchOfTask(pullRequest.headRef, policy.profileId, number, task.id);
  return forge.pullRequests.some(isOurs) ? null : verdict.because;
}

/** What it was made for has changed; not by its own push. Null while it is not known, and where it does not matter. */
function driftOf({ policy }: Snapshot, judged: Judged, task: Task): string | null {
  const { subject, pin } = judged;
  const made = pinOf(task);
  if (pin === null || made === null || pin === made) return null;
  if (pullRequestNumberOf(subject) !== null) return fieldsOf(task.result).headSha === pin ? null : "superseded";
  const isVoided = judged.verdict.kind === "hold" && judged.verdict.because === "opt-in-voided";
  if (policy.onDrift === "continue" && !isVoided) return null;
  return policy.onDrift === "ask" ? "drift-asked" : "edited";
}
