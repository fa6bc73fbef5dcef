/**
 * `agent-control-plane/core`: the durable task queue as a library. Leases with terms, retries, dead letters and an
 * append-only log over one SQLite file; see `task-api.ts` for the functions and an example.
 */
export type { LoggedEvent } from "./domain/event.ts";
export type { Json, JsonObject } from "./domain/json.ts";
export type {
  Claim,
  Lease,
  LeaseKey,
  NewTask,
  Release,
  RenewedLease,
  Task,
  TaskState,
} from "./domain/task.ts";
export type { Instant, Millis } from "./domain/time.ts";
export { UserError } from "./errors.ts";
export type { Clock } from "./ports.ts";
export * from "./task-api.ts";
