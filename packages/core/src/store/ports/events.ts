import type { LoggedEvent, NewEvent } from "../../domain/event.ts";

export interface EventStore {
  /** A repeat of an idempotency key answers the event that is there. */
  append(event: NewEvent): Promise<LoggedEvent>;
  /** In order of `seq`, after `afterSeq`; at most 1,000 unless `limit` says otherwise. */
  list(filter: {
    readonly afterSeq?: number;
    readonly profileId?: string;
    readonly subject?: string;
    readonly taskId?: number;
    readonly limit?: number;
  }): Promise<readonly LoggedEvent[]>;
  /** The newest `count`, oldest of them first. */
  latest(
    count: number,
    filter?: { readonly profileId?: string; readonly subject?: string },
  ): Promise<readonly LoggedEvent[]>;
}
