import type { Instant, Millis } from "./time.ts";

/** What people are shown of an issue or a pull request beside what was decided; its texts are hostile. */
export interface ItemAbout {
  /** Cut where it is longer than any forge allows. */
  readonly title: string;
  readonly url: string;
  /** Of a pull request that our agents may work on. */
  readonly pull?: PullAbout;
  /** Of an issue that comes round by a schedule. */
  readonly schedule?: ScheduleAbout;
}

export interface PullAbout {
  readonly headSha: string;
  /** Its tier, see docs/lanes.md; null: it was not read yet. */
  readonly risk: string | null;
  readonly checks: "passed" | "running" | "failed" | "none" | "unknown";
}

export interface ScheduleAbout {
  /** The line of its text that says so. */
  readonly line: string;
  /** Null: the line names times, not a distance between them. */
  readonly everyMs: Millis | null;
  /** Which of its times was worked last; null: none yet. */
  readonly lastAt: Instant | null;
  /** The one that is due now, or the next one. */
  readonly dueAt: Instant;
}
