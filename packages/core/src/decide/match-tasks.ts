import { fieldsOf } from "../domain/fields.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import type { Verdict } from "../domain/wanted.ts";
import type { Contender } from "./room/order.ts";

/** What is to become of one item's live tasks, and whether it contends for room. */
export interface Match {
  readonly cancel: readonly { readonly task: Task; readonly reason: string }[];
  /** Its session goes on. */
  readonly running: Task | null;
  readonly contender: Contender | null;
  /** Said of it when it neither runs nor contends, and of a session that is being stopped. */
  readonly hold: { readonly because: HoldReason; readonly detail: string } | null;
}

/**
 * Compares what should be done for an item with the tasks there are. A session under way goes on unless a person's act
 * speaks against it or what it was pinned to has changed; a task that waits keeps what it has been through, unless it
 * is not wanted any more.
 */
export function matchTasks(snapshot: Snapshot, verdict: Verdict, pin: string | null, live: readonly Task[]): Match {
  const running = live.find((task) => task.state === "running") ?? null;
  const waiting = live.filter((task) => task.state !== "running");
  if (running) return withRunning(snapshot, verdict, pin, running, waiting);
  if (verdict.kind === "hold") {
    const hold = { because: verdict.because, detail: verdict.detail };
    const cancel = endsWaiting.has(verdict.because) ? cancelAll(waiting, verdict.because) : [];
    return { cancel, running: null, contender: null, hold };
  }
  const { wanted } = verdict;
  const task = waiting.find(({ dedupeKey }) => dedupeKey === wanted.dedupeKey) ?? null;
  const cancel = cancelAll(
    waiting.filter((each) => each !== task),
    "superseded",
  );
  return { cancel, running: null, contender: { wanted, task }, hold: null };
}

function withRunning(
  { policy }: Snapshot,
  verdict: Verdict,
  pin: string | null,
  running: Task,
  waiting: readonly Task[],
): Match {
  const going = { cancel: cancelAll(waiting, "superseded"), running, contender: null, hold: null };
  if (verdict.kind === "hold" && endsRunning.has(verdict.because)) {
    const hold = { because: verdict.because, detail: verdict.detail };
    return { ...going, cancel: [...going.cancel, { task: running, reason: verdict.because }], hold };
  }
  const pinned = pinOf(running);
  if (pin === null || pinned === null || pin === pinned) return going;
  const isPush = running.subject.startsWith("pr:");
  if (!isPush && policy.onDrift === "continue") return going;
  const reason = isPush ? "superseded" : policy.onDrift === "ask" ? "drift-asked" : "edited";
  const stopping = { task: running, reason };
  // The next run of the very key that is being stopped (a check's time stays the same) is made when that one is gone.
  if (verdict.kind === "hold" || reason === "drift-asked" || verdict.wanted.dedupeKey === running.dedupeKey) {
    return { ...going, cancel: [...going.cancel, stopping] };
  }
  // Said to be running until its session is gone; what replaces it waits in the store meanwhile.
  const { wanted } = verdict;
  const task = waiting.find(({ dedupeKey }) => dedupeKey === wanted.dedupeKey) ?? null;
  const others = waiting.filter((each) => each !== task);
  return { ...going, cancel: [...cancelAll(others, "superseded"), stopping], contender: { wanted, task } };
}

const cancelAll = (tasks: readonly Task[], reason: string) => tasks.map((task) => ({ task, reason }));

/** A person's act, or a fact that makes the work pointless; anything else says nothing against going on. */
export const endsRunning: ReadonlySet<HoldReason> = new Set<HoldReason>([
  "held",
  "not-open",
  "not-opted-in",
  "opt-in-untrusted",
  "opt-in-voided",
  "blocked",
  "linked-pull-request",
  "not-managed",
  "handoff-untrusted",
  "draft",
  "fork",
]);

/** What was waiting is not wanted any more; at every other hold it keeps its attempts and waits on. */
const endsWaiting: ReadonlySet<HoldReason> = new Set<HoldReason>([
  "not-open",
  "not-opted-in",
  "opt-in-untrusted",
  "opt-in-voided",
  "not-managed",
  "handoff-untrusted",
  "fork",
]);

/** What a run is bound to: an issue's text with its comments, a pull request's head. Null in tasks of other kinds. */
export function pinOf({ payload }: Pick<Task, "payload">): string | null {
  const { headSha, revision } = fieldsOf(payload);
  if (typeof headSha === "string") return headSha;
  return typeof revision === "string" ? revision : null;
}
