/**
 * The durable task queue, for programs. One file, any number of processes.
 *
 * ```ts
 * import { claimTask, enqueueTask, heartbeat, openTaskStore, releaseTask } from "agent-control-plane/core";
 *
 * const store = await openTaskStore("./tasks.db");
 * await enqueueTask(store, { queue: "mail", dedupeKey: "welcome/42", payload: { user: 42 } });
 *
 * const claim = await claimTask(store, { queue: "mail", owner: "worker-1", leaseMs: 60_000 });
 * if (claim) {
 *   const renewed = await heartbeat(store, claim.lease, { leaseMs: 60_000 });
 *   if (renewed !== "lost" && !renewed.cancelRequested) {
 *     await releaseTask(store, claim.lease, { kind: "succeeded", result: { sent: true } });
 *   }
 * }
 * await store.close();
 * ```
 *
 * A lease that was lost answers `"lost"` and never throws: stop working on the task, somebody else may have it.
 */
import { defaultRetryLadder, retryDelayMs } from "./decide/reconcile/retry-delay.ts";
import type { Claim, LeaseKey, NewTask, Release, RenewedLease, Task } from "./domain/task.ts";
import type { Instant, Millis } from "./domain/time.ts";
import type { Clock } from "./ports.ts";
import { type OpenStore, openStore } from "./store/open-store.ts";
import type { Lost, StaleRecovery } from "./store/store.ts";

/** Who the event log names when a program does not say. */
const defaultActor = "task-api";
const recoveryBatch = 1000;

/** An opened task store; `close()` it when done. */
export type TaskStoreHandle = OpenStore;

/**
 * Opens or creates the store file (mode 0600).
 * @throws UserError when the file is damaged, of a newer version, or cannot be written.
 */
export async function openTaskStore(path: string, options: { readonly clock?: Clock } = {}): Promise<TaskStoreHandle> {
  return openStore({ path, ...options });
}

/** Adds a task, or answers the one that is there (`created: false`) for a dedupe or idempotency key that is known. */
export async function enqueueTask(
  store: TaskStoreHandle,
  task: NewTask,
  actor: string = defaultActor,
): Promise<{ readonly task: Task; readonly created: boolean }> {
  return store.tasks.enqueue(task, actor);
}

/**
 * Takes the first task of a queue by priority and age, or the named one; `null` when there is none to take. Tasks of one
 * queue that name the same `subject` run one at a time: the next is taken when the one before was given back.
 */
export async function claimTask(
  store: TaskStoreHandle,
  request: {
    readonly queue: string | readonly string[];
    readonly owner: string;
    readonly leaseMs: Millis;
    readonly taskId?: number;
  },
): Promise<Claim | null> {
  const { queue, ...rest } = request;
  return store.tasks.claim({ ...rest, queues: typeof queue === "string" ? [queue] : queue });
}

/** Says that the holder lives: the lease now ends `leaseMs` from now. Call it several times per `leaseMs`. */
export async function heartbeat(
  store: TaskStoreHandle,
  lease: LeaseKey,
  request: { readonly leaseMs: Millis },
): Promise<RenewedLease | Lost> {
  return store.tasks.heartbeat(lease, request.leaseMs);
}

/** Like `Release`, but a retry may leave the time to the backoff of 5, 15, 30 and then 60 minutes by attempt. */
export type TaskRelease =
  | Exclude<Release, { readonly kind: "retry" }>
  | (Omit<Extract<Release, { readonly kind: "retry" }>, "runAt"> & { readonly runAt?: Instant });

/** Gives the task back, done or not. A `retry` past the task's `maxAttempts` makes it a dead letter. */
export async function releaseTask(
  store: TaskStoreHandle,
  lease: LeaseKey,
  release: TaskRelease,
  options: { readonly actor?: string; readonly retryLadder?: readonly Millis[] } = {},
): Promise<Task | Lost> {
  const extras = { actor: options.actor ?? defaultActor };
  if (release.kind !== "retry") return store.tasks.release(lease, release, extras);
  const runAt = release.runAt ?? (await nextTryAt(store, lease, options.retryLadder));
  return store.tasks.release(lease, { ...release, runAt }, extras);
}

/**
 * Puts back every running task whose lease expired and whose last heartbeat is older than `missingHeartbeatMs`; those
 * past their attempts become dead letters, those somebody asked to stop are cancelled. Each is logged.
 */
export async function staleRecovery(
  store: TaskStoreHandle,
  request: { readonly missingHeartbeatMs: Millis; readonly actor?: string },
): Promise<StaleRecovery> {
  const found = { requeued: [] as Task[], dead: [] as Task[], cancelled: [] as Task[] };
  for (;;) {
    const batch = await store.tasks.recoverStale({ actor: defaultActor, ...request, limit: recoveryBatch });
    found.requeued.push(...batch.requeued);
    found.dead.push(...batch.dead);
    found.cancelled.push(...batch.cancelled);
    if (batch.requeued.length + batch.dead.length + batch.cancelled.length < recoveryBatch) return found;
  }
}

/** Waiting: cancelled at once. Running: its holder's next heartbeat says `cancelRequested`. `null`: no such task. */
export async function cancelTask(
  store: TaskStoreHandle,
  taskId: number,
  reason: string,
  actor: string = defaultActor,
): Promise<Task | null> {
  return store.tasks.cancel(taskId, actor, reason);
}

/** Tasks that used up their attempts or failed for good, oldest first; with a limit the newest of them. */
export async function deadLetters(
  store: TaskStoreHandle,
  filter: { readonly queue?: string; readonly limit?: number } = {},
): Promise<readonly Task[]> {
  return store.tasks.deadLetters(filter);
}

/** Queues a dead letter again with its attempts at zero; `null` when it is none, or a live task has its dedupe key. */
export async function replayDeadLetter(
  store: TaskStoreHandle,
  taskId: number,
  actor: string = defaultActor,
): Promise<Task | null> {
  return store.tasks.replayDeadLetter(taskId, actor);
}

/** The attempts can only have grown if the term did, and then the release that follows answers `lost`. */
async function nextTryAt(
  store: TaskStoreHandle,
  lease: LeaseKey,
  ladder: readonly Millis[] = defaultRetryLadder,
): Promise<Instant> {
  const task = await store.tasks.get(lease.taskId);
  return store.clock.now() + retryDelayMs(task?.attempts ?? 1, ladder);
}
