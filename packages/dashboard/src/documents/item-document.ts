import type { Instant, Json, ResumeRung, StoredDecision } from "@agent-control-plane/core";
import type { ShownSession, ShownWrite } from "./profile-document.ts";

/** All that is known of one issue or pull request; asked for, not followed. */
export interface ItemDocument {
  readonly profileId: string;
  /** `issue:12`, `pr:13`. */
  readonly subject: string;
  /** Null: not known. Hostile text. */
  readonly title: string | null;
  readonly url: string | null;
  /** Why it runs or waits; null: it is no candidate (any more). */
  readonly decision: StoredDecision | null;
  readonly spent: { readonly tokens: number; readonly usd: number; readonly sessions: number } | null;
  /** Oldest first; the newest 100. */
  readonly sessions: readonly ItemSession[];
  /** Oldest first; of the newest 50 tasks. */
  readonly writes: readonly ShownWrite[];
  /** What happened, oldest first; the newest 500. */
  readonly timeline: readonly TimelineEntry[];
}

/** `/api/v1/sessions/:id/diff` tells the changes themselves. */
export interface ItemSession extends ShownSession {
  /** What reconcile found: commit, files, how the checks went. */
  readonly evidence: Json;
  readonly branch: string;
  /** The session it follows, and how: in the backend's own conversation, in a new one that is told what was tried, or afresh. */
  readonly resumes: { readonly sessionId: string; readonly rung: ResumeRung } | null;
  /** Where it is known between which commits its work lies. */
  readonly hasDiff: boolean;
}

/** `/api/v1/sessions/:id/diff`; hostile text. */
export interface SessionDiff {
  readonly files: readonly { readonly path: string; readonly status: string }[];
  readonly patch: string;
  /** It was longer, and ends after the last whole line that fitted. */
  readonly truncated: boolean;
}

export interface TimelineEntry {
  readonly seq: number;
  readonly at: Instant;
  /** A runtime, a session, a command or a person. */
  readonly actor: string;
  readonly kind: string;
  readonly sessionId: string | null;
  /** What it says in one line, of hostile origin. */
  readonly text: string;
}
