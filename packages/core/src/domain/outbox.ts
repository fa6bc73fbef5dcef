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
  "create-issue",
  "update-issue",
  "close-issue",
  "update-pull-request",
  "close-pull-request",
  "review",
  "review-reply",
  "request-review",
  "status",
  "merge",
  "leave-merge-queue",
  "delete-branch",
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
  /**
   * `body` may hold `{{pull_request_number}}`, `{{pull_request_url}}` and `{{issue_numbers}}` (of a chain of issues that
   * were made, `#4, #5`), filled from the result of the row named by `needsId`.
   */
  comment: { readonly number: number; readonly body: string };
  /** `number` null: that of the pull request which the row named by `needsId` opened. */
  "add-labels": { readonly number: number | null; readonly labels: readonly string[] };
  "remove-labels": { readonly number: number; readonly labels: readonly string[] };
  /** A label that is there already, with whatever colour, is fine. `color`: six hex digits. */
  "create-label": { readonly name: string; readonly color: string; readonly description: string };
  /** Asks for the failed jobs of these workflow runs of one commit to be run again. */
  "rerun-checks": { readonly sha: string; readonly runIds: readonly number[] };
  /** Result: `{ number, url }`; when it needs another one, also `numbers` of all those before it and its own. */
  "create-issue": { readonly title: string; readonly body: string; readonly labels: readonly string[] };
  /**
   * Replaces the text of an issue whose body still is the one with `expectedBodySha` (SHA-256 of its UTF-8, hex): who
   * edited it meanwhile wins, and the row fails. Null in `title` or `body` leaves that as it is.
   */
  "update-issue": {
    readonly number: number;
    readonly expectedBodySha: string;
    readonly title: string | null;
    readonly body: string | null;
  };
  /** One that is closed already, whatever the reason, stays as it is. */
  "close-issue": { readonly number: number; readonly reason: "completed" | "not-planned" };
  /** As `update-issue`. */
  "update-pull-request": {
    readonly number: number;
    readonly expectedBodySha: string;
    readonly title: string | null;
    readonly body: string | null;
  };
  /** Closes without merging, and only while the head is still `headSha`; one that is closed already is fine. */
  "close-pull-request": { readonly number: number; readonly headSha: string };
  /**
   * A review bound to a head. Where the forge refuses a verdict on one's own pull request it is posted as a comment:
   * the verdict for machines is the commit status beside it. Result: `{ id, url, event }` as it was posted.
   */
  review: {
    readonly number: number;
    readonly headSha: string;
    readonly event: "approve" | "request-changes" | "comment";
    readonly body: string;
  };
  /** An answer in the thread of one line comment of a review. */
  "review-reply": { readonly number: number; readonly commentId: number; readonly body: string };
  /** Asks one person for a review of a pull request. */
  "request-review": { readonly number: number; readonly reviewer: string };
  /** A commit status; the newest of one `context` counts. `description`: at most 140 characters. */
  status: {
    readonly sha: string;
    readonly state: "pending" | "success" | "failure" | "error";
    readonly context: string;
    readonly description: string;
  };
  /**
   * Merges exactly `headSha`, or nothing. `queue`: hand it to the base's merge queue, or let the forge merge it when
   * its own rules are met, in place of merging now. Result: `{ merged: true, sha }` once the forge shows it merged, or
   * `{ merged: false, queued: true }`. Refused where what is read right before it is a draft, has another base than
   * `baseRef` or carries one of `stopLabels` (in whatever case); absent: not looked at.
   */
  merge: {
    readonly number: number;
    readonly headSha: string;
    readonly method: "merge" | "squash" | "rebase";
    /** Of the merge commit; null: the forge's own. */
    readonly title: string | null;
    readonly message: string | null;
    readonly queue: boolean;
    readonly baseRef?: string;
    readonly stopLabels?: readonly string[];
    /**
     * What it was decided on beside the head, for whoever decides whether it is tried again: the base's head, and the
     * last act of a person's that asks for another try (its place in the timeline; -1: none). Nothing to deliver by.
     */
    readonly decidedOn?: { readonly baseSha: string; readonly act: number };
  };
  /**
   * Takes out of its base's merge queue what the row named by `needsId` put there. Only what we put there ourselves, as
   * the forge has it. Result: `{ number, left }`, `left` false: it is there no more, or somebody else put it there.
   */
  "leave-merge-queue": { readonly number: number };
  /** Only while its head is still `sha`; one that is gone is fine. */
  "delete-branch": { readonly branch: string; readonly sha: string };
}

/** What makes work visible to others; a person's act holds it back. */
export const publishingKinds: readonly OutboxKind[] = [
  "push-branch",
  "open-pull-request",
  "merge",
  "create-issue",
  "close-issue",
];
export const isPublishing = (kind: OutboxKind): boolean => publishingKinds.includes(kind);

/**
 * What `lastError` of a failed row begins with, before a colon: why it is a dead letter, for programs and people alike.
 * docs/outbox.md says what each asks of a person.
 */
export const deadLetterCodes = [
  /** The thing it is about, or what it is made from, is not there (any more). */
  "gone",
  /** The forge said no: a permission, or what was sent. */
  "refused",
  /** A branch or a pull request's head is another commit than the one this write was decided on. */
  "head-moved",
  /** The forge's rules for its base do not hold, it conflicts, or it is closed, a draft, held, or onto another base. */
  "not-mergeable",
  /** The text that was to be replaced is another one by now. */
  "edited-since",
  /** It would have deleted the branch the repository stands on. */
  "default-branch",
  /** It may have been applied, and reading the forge cannot tell. */
  "unsettled",
  /** A fault of ours, ten times over. */
  "fault",
  /** The row it needs has failed. */
  "needed-write-failed",
  /** A person's act holds it back; it may go on. */
  "withdrawn",
  /** It spoke for an attempt that was given up: the task was claimed for another one. */
  "stale-term",
] as const;
export type DeadLetterCode = (typeof deadLetterCodes)[number];

/** What speaks for one attempt's work: refused once the task was claimed for another attempt. */
export const termBoundKinds: readonly OutboxKind[] = [...publishingKinds, "review"];

/** `lastError` of a row that was held back and waits to go on. */
export const withdrawnError = (reason: string): string => `withdrawn: ${reason}`;
/** Why rows are held back that a person has to approve; the hold reason has the same name. */
export const approvalNeeded = "approval-needed";
/** It waits for a person's approval. */
export const isAwaiting = ({ state, lastError }: Pick<OutboxRow, "state" | "lastError">): boolean =>
  state === "failed" && lastError === withdrawnError(approvalNeeded);
/** Taken back before it was sent: it did not fail, and nothing speaks against another one. */
export const wasTakenBack = ({ state, lastError }: Pick<OutboxRow, "state" | "lastError">): boolean =>
  (state === "failed" || state === "dropped") && (lastError?.startsWith("withdrawn: ") ?? false);
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
  /** Of the lease under which it was saved; null: under none, or by a version that did not note it. */
  readonly term: number | null;
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
  /** Saved as held back, for this reason: it is sent once it is restored. */
  readonly heldBack?: string;
}
