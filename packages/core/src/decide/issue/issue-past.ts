import { holdReasons } from "../../domain/hold-reason.ts";
import { issueLanes } from "../../domain/lane.ts";
import type { LaneHistory } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";

/** What became of an issue's tasks. Newer tasks have higher ids, and say more. */
export interface IssuePast {
  /** The newest ended task of the work that is asked for now. */
  readonly ended: Task | undefined;
  /** The dead letter people are asked about, of this work or of an earlier state of the issue. */
  readonly dead: Task | undefined;
  /** The newest task, of this work and since `ended`, that ended because the world changed: not done, and not given up. */
  readonly undone: Task | undefined;
}

export function pastOf(
  history: readonly LaneHistory[],
  /** The newest task with the key of the work asked for, which may be older than the newest of its lane. */
  byKey: Task | undefined,
  isOfThisWork: (task: Task) => boolean,
): IssuePast {
  const all = [
    ...history.filter(({ lane }) => isIssueLane(lane)).map(({ newest }) => newest),
    ...(byKey ? [byKey] : []),
  ]
    .filter(hasEnded)
    .sort((a, b) => b.id - a.id);
  const counted = all.filter((task) => !isOurCancel(task));
  const ended = counted.find(isOfThisWork);
  const newest = counted[0];
  const undone = all.find((task) => isOurCancel(task) && isOfThisWork(task) && task.id > (ended?.id ?? 0));
  return { ended, dead: [ended, newest].find((task) => task?.state === "dead"), undone };
}

export const isIssueLane = (lane: string): boolean => (issueLanes as readonly string[]).includes(lane);

const hasEnded = ({ state }: Task): boolean => state === "succeeded" || state === "cancelled" || state === "dead";

/**
 * Cancelled because the world changed, not because a person said so: it comes back when the world changes back. What we
 * cancel has the hold that spoke against it as its reason, or one of these words; a person's cancel is no hold of ours.
 */
export function isOurCancel({ state, reason }: Pick<Task, "state" | "reason">): boolean {
  if (state !== "cancelled" || reason === null || reason === "cancelled") return false;
  return ["superseded", "not-wanted", "edited", "drift-asked"].includes(reason) || Object.hasOwn(holdReasons, reason);
}
