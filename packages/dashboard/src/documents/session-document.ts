import type { ItemSession } from "./item-document.ts";

/** One session, also of long ago (`/api/v1/sessions/:id`); asked for, not followed. */
export interface SessionDocument extends ItemSession {
  readonly profileId: string;
  /** Of its issue or pull request; null: not known. Hostile text. */
  readonly title: string | null;
  /** Bytes of each log; null: there is none (yet, or any more). */
  readonly logs: { readonly events: number | null; readonly output: number | null };
}
