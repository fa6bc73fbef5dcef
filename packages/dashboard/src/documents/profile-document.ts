import type {
  Amount,
  Instant,
  Json,
  Millis,
  OutboxCounts,
  OutboxRow,
  PaceWait,
  ProfilePause,
  SessionSpend,
  SpendLimit,
  StoredDecision,
} from "@agent-control-plane/core";

/** One profile as it is shown, under the key `profile:<id>`; one that cannot be read is a `BrokenProfile`. */
export interface ProfileDocument {
  readonly profileId: string;
  readonly running: boolean;
  readonly pid: number | null;
  readonly state: "starting" | "ready" | "draining" | "stopped";
  /** Problems in its file. */
  readonly problems: number;
  /** The first 20 of them in words, with the file, the key and what to do. */
  readonly problemTexts: readonly string[];
  /** Null: its file cannot be read, or names none. */
  readonly repository: { readonly slug: string; readonly url: string } | null;
  readonly pauses: readonly ProfilePause[];
  readonly rules: {
    readonly state: string;
    readonly problems: readonly string[];
    readonly since: Instant | null;
  } | null;
  /** As a TickReport, or `{error}`; null: none yet. */
  readonly lastTick: Json;
  /** Under way, oldest first. */
  readonly live: readonly LiveSession[];
  /** The newest that are concluded, newest first. */
  readonly recent: readonly ShownSession[];
  /** Conversations that the next session of their item may go on with; the newest first, at most 50. */
  readonly residents: readonly ResidentWorker[];
  /** The last word on every candidate, by number. */
  readonly decisions: readonly StoredDecision[];
  readonly next: readonly { readonly subject: string; readonly lane: string }[];
  /** By state; only those there are. */
  readonly tasks: { readonly [state: string]: number };
  /** Of every issue and pull request named in here, as far as it is known; hostile text. */
  readonly titles: { readonly [subject: string]: string };
  /** Sessions under way, and how many there may be; null: no bound of the profile's own. */
  readonly room: { readonly running: number; readonly most: number | null };
  /** In the order of the lanes; only those in which something runs or waits. */
  readonly lanes: readonly { readonly lane: string; readonly running: number; readonly waiting: number }[];
  /** Open pull requests of ours, by number. */
  readonly pulls: readonly ShownPull[];
  /** What goes on only when a person acts, the oldest first. */
  readonly needsPerson: readonly NeedsPerson[];
  /** Writes that GitHub has taken since the day began in the profile's time zone, by kind. */
  readonly publishedToday: { readonly [kind: string]: number };
  /** What will happen by itself, the soonest first, at most 20. */
  readonly wakeUps: readonly WakeUp[];
  /** Issues that come round by a schedule, the soonest first. */
  readonly schedule: readonly ShownSchedule[];
  /** What a person should know, worst first. */
  readonly alerts: readonly Alert[];
  /** What failed and is tried again, soonest first. */
  readonly retries: readonly ShownRetry[];
  readonly awaiting: readonly {
    readonly subject: string;
    readonly taskId: number;
    readonly session: string | null;
    readonly since: Instant;
  }[];
  readonly spend: { readonly today: Amount; readonly limit: SpendLimit };
  readonly outbox: OutboxCounts & { readonly waits: Pick<PaceWait, "why" | "until"> | null };
  /** Of each state the newest, newest first. */
  readonly writes: {
    readonly pending: readonly ShownWrite[];
    readonly failed: readonly ShownWrite[];
    readonly sent: readonly ShownWrite[];
  };
}

export interface ShownPull {
  readonly number: number;
  readonly url: string | null;
  readonly headSha: string | null;
  /** Its tier, see docs/lanes.md: `low`, `high`, `critical-app`, `critical-infra`, `unknown`; null: it was not read yet. */
  readonly risk: string | null;
  readonly checks: "passed" | "running" | "failed" | "none" | "unknown";
  /** Why it waits or what it does: the code and the words of its decision. */
  readonly reason: string;
  readonly detail: string;
}

export interface NeedsPerson {
  /** `issue:12`, `pr:13`, `outbox:7`; null: the profile as a whole. */
  readonly subject: string | null;
  /** A hold reason or the kind of an alert: `needs-human`, `ci-parked`, `awaiting-approval`, `dead-write`, ... */
  readonly code: string;
  readonly text: string;
  /** The command or act that lets it go on. */
  readonly act: string;
  /** The same as an act of the API (`/api/v1/acts/<name>`); null: none does it. */
  readonly does: { readonly name: string; readonly body: { readonly [name: string]: number } } | null;
  readonly since: Instant;
}

export interface WakeUp {
  readonly at: Instant;
  readonly what: "retry" | "schedule" | "cooldown" | "limit" | "day" | "outbox";
  readonly subject: string | null;
  readonly text: string;
}

export interface ShownSchedule {
  readonly subject: string;
  /** The line of its text that says so; hostile. */
  readonly line: string;
  /** Null: it names times, not a distance between them (`cron`). */
  readonly everyMs: Millis | null;
  /** Which of its times was worked last. */
  readonly lastAt: Instant | null;
  readonly dueAt: Instant;
}

export interface Alert {
  /** The same for the same trouble, so that it is told once. */
  readonly id: string;
  readonly kind: string;
  readonly severity: "warn" | "error";
  readonly title: string;
  readonly message: string;
  readonly subject: string | null;
  readonly at: Instant;
}

export interface BrokenProfile {
  readonly profileId: string;
  /** Why, and what to do. */
  readonly error: string;
}

/** What `/api/v1/profiles/:id` answers. */
export type ProfileAnswer = ProfileDocument | BrokenProfile;

export interface ShownSession {
  readonly id: string;
  readonly subject: string;
  readonly lane: string;
  readonly kind: "agent" | "verify";
  readonly state: string;
  readonly backend: string;
  readonly model: string | null;
  readonly attempt: number;
  readonly intendedAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly outcome: string | null;
  readonly exitReason: string | null;
  readonly summary: string | null;
  readonly spend: SessionSpend | null;
}

export interface LiveSession extends ShownSession {
  /** What it does now; null: it has said nothing yet. Hostile text. */
  readonly activity: {
    readonly at: Instant;
    readonly kind: string;
    readonly tool: { readonly name: string; readonly detail: string; readonly since: Instant } | null;
    readonly text: string | null;
  } | null;
}

/** A conversation with a backend that goes on from session to session of the same item. */
export interface ResidentWorker {
  /** Of the conversation: the id of its first session. */
  readonly id: string;
  readonly subject: string;
  readonly lane: string;
  readonly backend: string;
  readonly model: string | null;
  /** How many sessions spoke in it so far. */
  readonly sessions: number;
  /** The newest of them. */
  readonly lastSession: string;
  /** That one has not ended. */
  readonly atWork: boolean;
  /** When that one began, or has ended. */
  readonly lastAt: Instant;
  /** When it is given up unless a session goes on with it before; null: it is at work, or nobody knows. */
  readonly keptUntil: Instant | null;
}

export interface ShownRetry {
  readonly subject: string;
  readonly lane: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly runAt: Instant;
  readonly reason: string | null;
}

export interface ShownWrite extends Pick<OutboxRow, "id" | "kind" | "state" | "createdAt"> {
  /** The issue or pull request it is about; null: none yet, or none. */
  readonly number: number | null;
  /** One line of what it says. */
  readonly preview: string;
  readonly tries: number;
  readonly lastError: string | null;
  /** It failed at nothing: a person has to approve it. */
  readonly awaits: boolean;
  readonly nextAt: Instant | null;
  readonly sentAt: Instant | null;
}
