import type { Json } from "./json.ts";
import type { Instant } from "./time.ts";

/**
 * A write to the outside, saved in the transaction of the state change that wants it.
 *
 * `pending` rows are delivered oldest first within a `stream`, at most one at a time per stream. Before the request
 * leaves, `sendStartedAt` is saved: a row that is found with it and without a verdict may have been applied, so the
 * deliverer reads the forge before it sends again (`settle`). `failed` means a definite no or no tries left; a person
 * retries or drops it.
 */
export const outboxStates = ["pending", "sent", "failed", "dropped"] as const;
export type OutboxState = (typeof outboxStates)[number];

/** Every legal step; the store makes no other, and docs/state-machine.md is checked against this table. */
export const outboxSteps: { readonly [from in OutboxState]: readonly OutboxState[] } = {
  pending: ["sent", "failed", "dropped"],
  sent: [],
  failed: ["pending", "dropped"],
  dropped: [],
};

/** One file in reconcile/outbox per kind. */
export const outboxKinds = [
  "push-branch",
  "open-pull-request",
  "comment",
  "add-labels",
  "remove-labels",
  "create-label",
  "rerun-checks",
] as const;
export type OutboxKind = (typeof outboxKinds)[number];

export interface OutboxBodies {
  /** Pushes exactly `sha` as `refs/heads/<branch>`; refuses to move a branch that has another head than `expectedSha`. */
  "push-branch": { readonly branch: string; readonly sha: string; readonly expectedSha: string | null };
  "open-pull-request": {
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
    readonly sha: string;
    /** Opened as a draft: nobody is asked for a review until a person marks it ready. */
    readonly draft: boolean;
  };
  /** `body` may hold `{{pull_request_number}}` and `{{pull_request_url}}`, filled from the row named by `needsId`. */
  comment: { readonly number: number; readonly body: string };
  /** `number` null: that of the pull request which the row named by `needsId` opened. */
  "add-labels": { readonly number: number | null; readonly labels: readonly string[] };
  "remove-labels": { readonly number: number; readonly labels: readonly string[] };
  /** A label that is there already, with whatever colour, is fine. `color`: six hex digits. */
  "create-label": { readonly name: string; readonly color: string; readonly description: string };
  /** Asks for the failed jobs of these workflow runs of one commit to be run again. */
  "rerun-checks": { readonly sha: string; readonly runIds: readonly number[] };
}

/** What makes work visible to others; a person's act holds it back. */
export const publishingKinds: readonly OutboxKind[] = ["push-branch", "open-pull-request"];
export const isPublishing = (kind: OutboxKind): boolean => publishingKinds.includes(kind);

/** `lastError` of a row that was held back and waits to go on. */
export const withdrawnError = (reason: string): string => `withdrawn: ${reason}`;
export const isWithdrawn = ({ state, lastError }: Pick<OutboxRow, "state" | "lastError">): boolean =>
  state === "failed" && (lastError?.startsWith("withdrawn: ") ?? false);

export interface OutboxRow<K extends OutboxKind = OutboxKind> {
  readonly id: number;
  readonly profileId: string;
  readonly kind: K;
  /** Rows of one stream keep their order, for example `demo/issue:12`. A failed row lets the next one go. */
  readonly stream: string;
  /** Stable text from work item, attempt and kind; unique. Hidden in what we write so that a repeat is recognised. */
  readonly idempotencyKey: string;
  /** A row whose result this one is made from; when that one failed, this one fails with `needed-write-failed`. */
  readonly needsId: number | null;
  readonly taskId: number | null;
  readonly sessionId: string | null;
  readonly body: OutboxBodies[K];
  readonly state: OutboxState;
  readonly tries: number;
  readonly nextAt: Instant;
  readonly sendStartedAt: Instant | null;
  readonly claimedBy: string | null;
  readonly claimedUntil: Instant | null;
  /** What the write made, for example `{ "number": 7, "url": "..." }`. */
  readonly result: Json;
  readonly lastError: string | null;
  readonly createdAt: Instant;
  readonly sentAt: Instant | null;
}

export interface NewOutboxRow<K extends OutboxKind = OutboxKind> {
  readonly profileId: string;
  readonly kind: K;
  readonly stream: string;
  readonly idempotencyKey: string;
  /** The idempotency key of the row this one needs; it may be in the same batch. */
  readonly needsKey?: string;
  readonly sessionId?: string;
  readonly body: OutboxBodies[K];
}
