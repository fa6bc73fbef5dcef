import type { BrokenBase } from "../../domain/broken-base.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";

type BrokenBaseKey = Pick<BrokenBase, "profileId" | "branch" | "episode">;

/** Each write answers whether it was made: of several runtimes that want the same, one makes it. */
export interface BrokenBaseStore {
  /** The last one of a branch, open or over; null: it never was broken. */
  newest(profileId: string, branch: string): Promise<BrokenBase | null>;
  /** Begins one with the row that makes its issue, unless it was begun or another one is open. */
  open(
    base: Pick<BrokenBase, "profileId" | "branch" | "episode" | "cause" | "sha">,
    row: NewOutboxRow<"create-issue">,
    actor: string,
  ): Promise<boolean>;
  /** The open one is broken at a later head, too. */
  seenBroken(base: BrokenBaseKey & Pick<BrokenBase, "sha">): Promise<boolean>;
  /** Work that started from this head passed the profile's checks; of no account at a head that was seen broken. */
  seenGreen(base: Pick<BrokenBase, "profileId" | "branch" | "sha">): Promise<boolean>;
  /** It is over; what that asks for is saved with it. */
  close(base: BrokenBaseKey, rows: readonly NewOutboxRow[], actor: string): Promise<boolean>;
}
