import type { Instant } from "./time.ts";

/** A fact from outside: there, confirmed not there, or not known now. Only `absent` may lead to anything destructive. */
export type Presence<T> =
  | { readonly kind: "present"; readonly value: T }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly because: string };

/** Why an issue is closed, as the forge has it. */
export type StateReason = "completed" | "not-planned" | "duplicate" | "reopened";

/** An issue, normalised. Its text is hostile: it comes from anyone. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly state: "open" | "closed";
  readonly stateReason: StateReason | null;
  readonly author: string;
  readonly labels: readonly string[];
  /** Issues it waits for by the forge's own relation: still open, and all of them. */
  readonly blockedBy: { readonly open: number; readonly total: number };
  readonly subIssues: { readonly completed: number; readonly total: number };
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface PullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly url: string;
  readonly state: "open" | "closed";
  readonly merged: boolean;
  readonly draft: boolean;
  readonly author: string;
  readonly labels: readonly string[];
  readonly headRef: string;
  readonly headSha: string;
  /** `owner/name` of the head's repository; null when it was deleted. A fork when it differs from ours. */
  readonly headRepo: string | null;
  readonly baseRef: string;
  readonly requestedReviewers: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export type PermissionLevel = "admin" | "maintain" | "write" | "triage" | "read" | "none";
