import type { ContractOutcome } from "./lane-contract.ts";
import type { FailureReason } from "./reason.ts";
import type { ReviewFinding } from "./review.ts";
import type { Millis } from "./time.ts";

/** One file of a change, as git counts it; binary files count no lines. */
export interface ChangedFile {
  readonly path: string;
  /** Where a renamed file was before, when the rename is one entry and not a removed and an added file. */
  readonly previousPath?: string;
  readonly status: string;
  readonly additions: number;
  readonly deletions: number;
}

/** What the host itself found in a session's worktree. Never what the agent says of it. */
export interface WorkEvidence {
  /**
   * The commit that holds all of the work: the agent's head, or our commit on top of it holding what it left
   * uncommitted, or our one commit in place of the agent's, when a message of those may not be published.
   */
  readonly headSha: string;
  readonly commits: number;
  /** True when the newest commit is ours. */
  readonly hostCommit: boolean;
  readonly files: readonly ChangedFile[];
  /** What keeps this tree from being published as it is, in words for people. */
  readonly problems: readonly string[];
  /**
   * What else the host saw of the agent's git, where it is not as it should be: its head does not have the commit the
   * session started from (`older`: it is one of that commit's own ancestors), or its commits are on another branch.
   */
  readonly strayed?: { readonly kind: "rewritten" | "older" } | { readonly kind: "other-branch"; readonly ref: string };
  /** Paths of agent tools' own files that were left out of `headSha`. */
  readonly leftOut?: readonly string[];
}

/** What a check is there for: preparing the checkout, a first look at what was changed, or all of it. */
export const verificationPhases = ["setup", "targeted", "full"] as const;
export type VerificationPhase = (typeof verificationPhases)[number];

export interface VerificationCommandResult {
  readonly name: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly durationMs: Millis;
  /** The last lines it printed. */
  readonly tail: string;
  /** Without it: `full`. */
  readonly phase?: VerificationPhase;
  /** Of the file with all it printed. */
  readonly log?: string;
}

/** Written by our verification session, never by an agent. */
export interface VerificationReport {
  readonly passed: boolean;
  readonly commands: readonly VerificationCommandResult[];
}

/** The agent's own account of its work, checked for its shape only. It asks; it decides nothing. */
export type ContractReading =
  | {
      readonly kind: "valid";
      readonly outcome: ContractOutcome;
      /** Of a scheduled check: what it looked at is not as it should be. */
      readonly isAlert?: boolean;
      readonly detail: string;
      readonly title: string | null;
      readonly body: string | null;
      readonly commitMessage: string | null;
      readonly failureReason: FailureReason | null;
      /** Of a review. */
      readonly findings?: readonly ReviewFinding[];
      /** Of a review: ids of earlier findings that are settled. */
      readonly resolved?: readonly string[];
      /** What the agent says it checked itself, a line each. Shown, never believed. */
      readonly notes?: readonly string[];
    }
  | { readonly kind: "missing"; readonly notes?: readonly string[] }
  | {
      readonly kind: "invalid";
      readonly problems: readonly string[];
      /** A code of its own; without it the file is not as it should be. */
      readonly reason?: FailureReason;
    };
