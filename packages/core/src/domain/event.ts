import type { Json } from "./json.ts";
import type { Instant } from "./time.ts";

/** One decision or transition, in the append-only log. `seq` orders all of them. */
export interface LoggedEvent {
  readonly seq: number;
  readonly at: Instant;
  /** Who did it: a runtime id, a session id, `cli`, or a user of the task API. */
  readonly actor: string;
  /** `task.enqueued`, `task.claimed`, `session.ended`, `outbox.sent`, ... */
  readonly kind: string;
  readonly profileId: string | null;
  readonly subject: string | null;
  readonly taskId: number | null;
  readonly sessionId: string | null;
  readonly term: number | null;
  readonly idempotencyKey: string | null;
  readonly body: Json;
}

export type NewEvent = Pick<LoggedEvent, "actor" | "kind"> &
  Partial<Omit<LoggedEvent, "seq" | "at" | "actor" | "kind">>;
