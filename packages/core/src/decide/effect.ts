import type { BrokenBase, BrokenBaseCause } from "../domain/broken-base.ts";
import type { Json } from "../domain/json.ts";
import type { NewOutboxRow } from "../domain/outbox.ts";
import type { RefusedWrite } from "../domain/snapshot.ts";
import type { NewTask } from "../domain/task.ts";
import type { Receipt } from "./budget/receipt.ts";
import type { Slots } from "./room/give-room.ts";

/** What the shell is asked to do; each is guarded by the store, so that a plan made from old facts does no harm. */
export type Effect =
  | { readonly kind: "cancel"; readonly taskId: number; readonly subject: string; readonly reason: string }
  /** Takes back what a task wanted to publish and has not been sent: for good when its text has changed. */
  | {
      readonly kind: "withdraw";
      readonly taskId: number;
      readonly subject: string;
      readonly reason: string;
      readonly forGood: boolean;
      /** People were asked to approve it. */
      readonly wasAsked: boolean;
    }
  /** What was held back goes on: nothing speaks against it any more. */
  | { readonly kind: "restore"; readonly taskId: number; readonly subject: string }
  /** Takes one write back that no task asked for and that has not been sent, for good. */
  | { readonly kind: "take-back"; readonly rowId: number; readonly subject: string; readonly reason: string }
  /** The forge refused what was to show the work: people are asked, once for each time it was refused. */
  | { readonly kind: "ask"; readonly taskId: number; readonly subject: string; readonly refused: RefusedWrite }
  /** They had a look: the very same writes are sent again, and no agent runs for it. */
  | { readonly kind: "resend"; readonly taskId: number; readonly subject: string }
  /** `launch`: the new task starts in this very tick. */
  | { readonly kind: "enqueue"; readonly task: NewTask; readonly subject: string; readonly launch: Slots | null }
  /** `payload`: what is known now; the task may have waited for hours. */
  | {
      readonly kind: "launch";
      readonly taskId: number;
      readonly subject: string;
      readonly launch: Slots;
      readonly payload: Json;
    }
  /** An item parks at a limit: people are told, once. */
  | { readonly kind: "receipt"; readonly subject: string; readonly receipt: Receipt }
  | { readonly kind: "write"; readonly subject: string; readonly rows: readonly NewOutboxRow[] }
  /** The base is broken: one issue says so for all that waits. `failing`: its failed checks, by name. */
  | {
      readonly kind: "open-base-item";
      readonly subject: string;
      readonly base: Pick<BrokenBase, "branch" | "episode" | "sha">;
      readonly cause: BrokenBaseCause;
      readonly failing: readonly string[];
    }
  /** It is broken at a later head, too. */
  | {
      readonly kind: "move-base-item";
      readonly subject: string;
      readonly base: Pick<BrokenBase, "branch" | "episode" | "sha">;
    }
  /** It is over; `issue` null: there is nothing to close. */
  | {
      readonly kind: "close-base-item";
      readonly subject: string;
      readonly base: Pick<BrokenBase, "branch" | "episode" | "sha">;
      readonly issue: number | null;
    };
