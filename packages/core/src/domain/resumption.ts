import type { ExitReason, Usage } from "./session.ts";
import type { Millis } from "./time.ts";

/** The rungs of the ladder, best first: the backend's own conversation, a new one that is told what was tried, or nothing. */
export const resumeRungs = ["native", "digest", "fresh"] as const;
export type ResumeRung = (typeof resumeRungs)[number];

/** How a session stands to the one before it of the same work. */
export interface Resumption {
  /** The session it follows. */
  readonly sessionId: string;
  /** The backend's own id of that session's conversation. */
  readonly nativeSessionId: string | null;
  readonly rung: ResumeRung;
}

/**
 * What a session's conversation with its backend holds, and so what a later session must share to go on with it.
 * Kept by its first session; null where a backend keeps no conversation.
 */
export interface Conversation {
  /** The id of its first session; names the folder with the backend's state. */
  readonly id: string;
  readonly model: string | null;
  /** What the texts in it were trusted by: kind of work, and whose comments count. */
  readonly trust: string;
  /** Whose words it was given, in lower case. */
  readonly people: readonly string[];
  /** Hash of the texts it was given last: others have to be told anew. */
  readonly text: string;
}

/** `execution.resume` of the profile. */
export interface ResumePolicy {
  readonly enabled: boolean;
  /** Attempts of one task that go on with the backend's own conversation. */
  readonly nativeTries: number;
  /** From the end of the earlier session. */
  readonly maxAgeMs: Millis;
}

/** What the host knows of an earlier attempt. `summary` quotes agents in places; everything else is the host's own. */
export interface EarlierAttempt {
  readonly attempt: number;
  readonly exitReason: ExitReason | null;
  readonly reason: string;
  readonly summary: string;
  readonly failedChecks: readonly {
    readonly name: string;
    readonly command: string;
    readonly exitCode: number | null;
    readonly tail: string;
  }[];
  readonly files: readonly string[];
}

/** What a session that is not the first of its work is told and given. */
export interface ResumeFindings {
  readonly rung: Exclude<ResumeRung, "fresh">;
  /** Of a native rung: the conversation to go on with. */
  readonly nativeSessionId: string | null;
  /** Oldest first; the last is the one it follows. */
  readonly earlier: readonly EarlierAttempt[];
  /** Its worktree starts from the work that the earlier session left. */
  readonly isWorkCarried: boolean;
  /** The texts of the work are not those that the conversation knows. */
  readonly isTextChanged: boolean;
  /** What was counted for this conversation so far: some backends report totals of all of it. */
  readonly usageBefore: Usage;
}
