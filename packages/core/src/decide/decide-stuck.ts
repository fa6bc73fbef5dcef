import type { Snapshot, Stuck } from "../domain/snapshot.ts";
import type { Millis } from "../domain/time.ts";
import type { Issue, PullRequest } from "../domain/work-item.ts";
import type { Effect } from "./effect.ts";
import type { Judged } from "./judge-candidates.ts";
import { endsRunning, pinOf } from "./match-tasks.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";
import { hasLabel } from "./trust.ts";

/** The label we set may be younger than the list we read. */
const askedGraceMs: Millis = 60_000;

/**
 * Work that is done and verified, and that the forge refused to take: a person is asked by a comment and the blocked
 * label, and taking the label off has the same writes sent again. The commit is kept meanwhile, so no agent runs for it.
 */
export function decideStuck(snapshot: Snapshot, judged: readonly Judged[]): readonly Effect[] {
  const { forge } = snapshot;
  if (forge.kind === "unseen" || snapshot.stuck.size === 0) return [];
  const bySubject = new Map(judged.map((each) => [each.subject, each]));
  const items = new Map<string, Issue | PullRequest>([
    ...forge.issues.map(({ issue }) => [issueSubject(issue.number), issue] as const),
    ...forge.pullRequests.map(({ pullRequest }) => [pullRequestSubject(pullRequest.number), pullRequest] as const),
  ]);
  return [...snapshot.stuck.values()].flatMap((each) => {
    const item = items.get(each.task.subject);
    const isBlocked = item !== undefined && hasLabel(item, snapshot.policy.labels.blocked);
    return stuckOf(snapshot, bySubject.get(each.task.subject), each, isBlocked) ?? [];
  });
}

function stuckOf(
  snapshot: Snapshot,
  judged: Judged | undefined,
  { task, refused, asked }: Stuck,
  isBlocked: boolean,
): Effect | null {
  if (!judged || refused === null || speaksAgainst(judged) || pinOf(task) !== judged.pin) return null;
  const { id: taskId, subject } = task;
  // A label that is there already is a person's: they have it in hand.
  if (asked === null) return isBlocked ? null : { kind: "ask", taskId, subject, refused };
  if (asked.at === null || isBlocked || snapshot.now - asked.at <= askedGraceMs) return null;
  return { kind: "resend", taskId, subject };
}

/** What holds back work that is under way holds this back as well. */
const speaksAgainst = ({ verdict }: Judged): boolean =>
  verdict.kind === "hold" && endsRunning.has(verdict.because) && verdict.because !== "blocked";
