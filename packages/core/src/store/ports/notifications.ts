import type { Notification, NotificationMessage } from "../../domain/notification.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Trouble, TroubleKind } from "../../domain/trouble.ts";
import type { Lost } from "./lost.ts";

/** What is not well, who was told of it, and the messages on their way. */
export interface NotificationStore {
  /**
   * All that is not well at this moment. What is not among it is over, and forgotten when it was for `forgetMs`: until
   * then it is the same trouble if it comes back, and nobody is told anew. Nothing new: nothing is written.
   */
  seen(troubles: readonly Trouble[], forgetMs: Millis): Promise<void>;
  /** What stands, the oldest first, with the channels that were told. */
  standing(limit: number): Promise<readonly StandingTrouble[]>;
  /**
   * Makes one message of all that this channel was not told yet, in the transaction that notes it as told. Null: there is
   * nothing new, a message waits still, or the last one is younger than `groupMs`. Takes no lock then.
   */
  plan(request: PlanRequest): Promise<Notification | null>;
  /**
   * The next message that is due for one of these channels, claimed until now + claimMs; counts as a try. One whose claim
   * ran out without a verdict comes again. Messages that were not sent within a day are given up.
   */
  claim(request: {
    readonly owner: string;
    readonly claimMs: Millis;
    readonly channels: readonly string[];
  }): Promise<Notification | null>;
  sent(id: number, owner: string, answer: string): Promise<"applied" | Lost>;
  retryLater(id: number, owner: string, answer: string, nextAt: Instant): Promise<"applied" | Lost>;
  failed(id: number, owner: string, answer: string): Promise<"applied" | Lost>;
  /** Oldest first; a limit keeps the newest. */
  list(filter?: { readonly channel?: string; readonly limit?: number }): Promise<readonly Notification[]>;
}

export interface StandingTrouble {
  readonly trouble: DatedTrouble;
  /** Channels. */
  readonly toldTo: readonly string[];
}

export interface PlanRequest {
  readonly channel: string;
  /** Null: of all profiles, and of none. */
  readonly profileId: string | null;
  /** Told at this moment. */
  readonly kinds: readonly TroubleKind[];
  readonly groupMs: Millis;
  /** Of at most `most` of them; pure. */
  readonly most: number;
  readonly write: (news: News) => NotificationMessage;
}

/** A trouble that is known since some time. */
export type DatedTrouble = Trouble & { readonly since: Instant };

export interface News {
  readonly troubles: readonly DatedTrouble[];
  readonly counts: { readonly [kind in TroubleKind]?: number };
}
