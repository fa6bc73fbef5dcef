import type {
  BackendSection,
  BackendSettings,
  FailureReason,
  Instant,
  NamedLimit,
  Usage,
} from "@agent-control-plane/core";
import type { BackendCommand, SeedFile } from "../session/session-spec.ts";

/**
 * One agent CLI: its keys in the profile, command line, environment, stream and endings. Nothing here starts or ends a
 * process.
 */
export interface Backend extends BackendSection {
  readonly capabilities: BackendCapabilities;
  command(context: CommandContext): PreparedCommand;
  /**
   * One parser a session; `now` stamps the events. Of a session that goes on with a conversation it reports this
   * session's own usage, and `resume-refused` when the program knows nothing of that conversation.
   */
  createParser(now: () => Instant, resumed?: Resumed | null): StreamParser;
  /** What `doctor` asks for: the program and the arguments that print its version and end. */
  versionCommand(settings: BackendSettings): { readonly file: string; readonly args: readonly string[] } | null;
  /** What tells, without a request to a model, whether it could work here. Absent: only its version does. */
  readonly health?: (settings: BackendSettings) => HealthQuestions;
}

export interface HealthQuestions {
  /** Versions this product was tested with. */
  readonly testedVersions: readonly string[];
  /**
   * Variables of a session's environment; any of them is a key it works with. Empty without `login`: it needs none.
   * Null: it looks for names that are not known here.
   */
  readonly keyNames: readonly string[] | null;
  /** How the program itself says that it has a key or a login; null: it does not, and a login's file is taken for one. */
  readonly login: HealthQuestion | null;
  /**
   * Whether it knows a model, without asking it. `with-version`: the program gives no version without it. Absent: only a
   * request would tell.
   */
  readonly model?: HealthQuestion | "with-version";
  /** A model that it does not know it may still ask for. */
  readonly takesUnknownModels?: boolean;
  /** Files that must be there for this command. */
  readonly files?: (command: BackendCommand) => readonly string[];
}

/** Put to the program in the environment, and with the files, that a session would have. */
export interface HealthQuestion {
  readonly args: readonly string[];
  /** Of stdout and stderr together. */
  readonly isYes: (output: string, exitCode: number, model: string | null) => boolean;
}

export interface BackendCapabilities {
  /** Prints a first event as soon as it is up: silence is then a failed start. */
  readonly announcesStart: boolean;
  readonly reportsUsage: boolean;
  readonly reportsCost: boolean;
  /** How it goes on with a conversation of its own; null: it cannot, and each session starts from its prompt. */
  readonly resume: ResumeCapability | null;
  /** Its last message can be bound to a JSON schema. */
  readonly outputSchema: boolean;
  /** The model runs on this host: no provider limits it and no money is spent. */
  readonly local: boolean;
}

export interface ResumeCapability {
  /**
   * Below the state folder, all that it needs of an earlier session. Nothing else of that session's is kept: what an
   * agent wrote into its program's settings does not reach the next session.
   */
  readonly keeps: readonly string[];
}

/** The conversation a session goes on with. */
export interface Resumed {
  readonly nativeSessionId: string;
  /** What was counted of it before. */
  readonly usageBefore: Usage;
}

export interface CommandContext {
  readonly model: string | null;
  readonly promptFile: string;
  readonly runDir: string;
  readonly cwd: string;
  /** No other session uses it at the same time: two sessions in one state folder break several CLIs. */
  readonly stateDir: string;
  /** The backend's section of the profile, as its schema read it. */
  readonly settings: BackendSettings;
  /** Where the profile's file stands: what it names without an absolute path lies there. */
  readonly profileFolder?: string;
  /** The backend's own id of a conversation to go on with. */
  readonly resume?: string | null;
}

export interface PreparedCommand {
  readonly command: BackendCommand;
  /** Added to the session's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** See `SessionSpec.seedFiles`. */
  readonly seedFiles?: readonly SeedFile[];
  /** See `SessionSpec.files`. */
  readonly files?: readonly PreparedFile[];
}

/** A file of a session's that is made for it. It stands in the session's spec, so never with a secret in it. */
export interface PreparedFile {
  /** Absolute, below the session's state folder. */
  readonly path: string;
  readonly text: string;
}

export interface StreamParser {
  /** One line of stdout; never throws, whatever the line is. */
  push(line: string): readonly SessionEvent[];
  /** One line of stderr, for programs that say only there why they did not begin, or that they wait. */
  pushErrorLine?(line: string): readonly SessionEvent[];
  /**
   * One line of the file that the command follows; of a conversation that goes on, with the lines that were there
   * before. Comes up to a second late, and in no order with the stream.
   */
  pushFileLine?(line: string): readonly SessionEvent[];
  end(exit: ProcessExit): ParsedEnding;
}

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** What the stream says about the end. `good` needs the right terminal event; exit code 0 alone is not success. */
export interface ParsedEnding {
  readonly good: boolean;
  readonly failureReason: FailureReason | null;
  readonly usage: Usage;
  readonly nativeSessionId: string | null;
  /** One line for people. */
  readonly summary: string;
  readonly retryAt: Instant | null;
  /** Where that was read; absent: in a field. */
  readonly retrySource?: "structured" | "text";
  /** Which of the provider's limits it was, where that is said. */
  readonly limit?: NamedLimit;
}

/** One normalised event; a line of `events.jsonl`. Texts are cut. */
export type SessionEvent = { readonly at: Instant } & (
  | { readonly kind: "started"; readonly nativeSessionId: string | null; readonly model: string | null }
  | { readonly kind: "message"; readonly text: string }
  | { readonly kind: "tool-start"; readonly tool: string; readonly id: string; readonly detail: string }
  | { readonly kind: "tool-end"; readonly tool: string; readonly id: string; readonly ok: boolean }
  /** The session's total so far, by every counter that is known by then; never what one message added. */
  | { readonly kind: "usage"; readonly usage: Usage }
  | { readonly kind: "rate-limit"; readonly status: string; readonly retryAt: Instant | null }
  /** Its provider refused, and it waits to try again: until that time, or for a pause of its own. */
  | {
      readonly kind: "provider-wait";
      readonly reason: FailureReason;
      readonly until: Instant | null;
      readonly detail: string;
    }
  /** It asks whether it may do something. `answer` is what the backend's part answered; null: it waits for one. */
  | { readonly kind: "approval"; readonly detail: string; readonly answer: "allowed" | "refused" | null }
  | { readonly kind: "error"; readonly message: string; readonly transient: boolean }
  | { readonly kind: "result"; readonly ok: boolean; readonly text: string }
);

/** Events that show the work going on. Retries and rate limits show only that the program lives. */
export function isProgress(event: SessionEvent): boolean {
  return event.kind !== "error" && event.kind !== "rate-limit" && event.kind !== "provider-wait";
}

/** The first line of a text, cut; for summaries. */
export function oneLine(text: string, max = 300): string {
  const line = text.trim().split(/\r?\n/, 1)[0] ?? "";
  return cutText(line, max);
}

export function cutText(text: string, max = 4_000): string {
  return text.length > max ? `${text.slice(0, max)} [cut: ${text.length} characters]` : text;
}
