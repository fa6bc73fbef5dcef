import type { Millis, PriceTable, SessionBudget, SessionLimits, VerificationPhase } from "@agent-control-plane/core";
import type { PreparedFile, Resumed } from "../backends/backend.ts";
import type { Isolation } from "./isolation.ts";

/** Everything a wrapper needs to know; `<runDir>/spec.json`, readable by its owner only. */
export interface SessionSpec {
  readonly sessionId: string;
  readonly taskId: number;
  readonly term: number;
  readonly kind: "agent" | "verify";
  readonly storePath: string;
  /** Host's folder of this session: spec, wrapper mark, events, output, ending. */
  readonly runDir: string;
  /** Where the program runs: the worktree. */
  readonly cwd: string;
  /** Where its result file is taken from, and removed then; left out: `.acp` below where it runs. */
  readonly resultFolder?: string;
  /** Name of the backend whose parser reads the output; unused for `verify`. */
  readonly backend: string;
  /** The conversation it goes on with; what its stream counts and how it fails depend on it. */
  readonly resumed?: Resumed | null;
  /** The model that was asked for; null or absent: the backend's own choice. */
  readonly model?: string | null;
  /** What it may spend; absent: as much as it likes. */
  readonly budget?: SessionBudget;
  readonly prices?: PriceTable;
  /** Unused for `verify`. */
  readonly command: BackendCommand;
  /** The program's whole environment; see `sessionEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of `env` that are in no file: the wrapper is handed them on its standard input. */
  readonly secretNames?: readonly string[];
  readonly limits: SessionLimits;
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  readonly isolation: "auto" | Isolation;
  /** For `verify`: shell commands, one after the other, the first failure stops. */
  readonly verify?: { readonly commands: readonly VerifyCommand[] };
  readonly seedFiles?: readonly SeedFile[];
  /** Written (0600) before the start, after the copies: the program's settings for this session. */
  readonly files?: readonly PreparedFile[];
}

/** Copied (0600) before the start, for example a login into the session's own state folder. */
export interface SeedFile {
  readonly from: string;
  readonly to: string;
  /** A login: the copy is removed at the end, and the tokens in it are kept out of what the session leaves. */
  readonly isSecret?: boolean;
}

export interface VerifyCommand {
  readonly name: string;
  readonly command: string;
  readonly phase?: VerificationPhase;
}

export interface BackendCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Absent or null: /dev/null. An open silent stdin hangs several CLIs. */
  readonly stdinFile?: string | null;
  readonly stopSignal: "SIGTERM" | "SIGINT";
  /** Made before the start (0700): where the program keeps its state, when it refuses to make that itself. */
  readonly folders?: readonly string[];
  /** What its stream leaves out while it works; each line goes to the parser's `pushFileLine`. */
  readonly follows?: FollowedFile;
}

/** The first `*.jsonl` below `folder` whose name holds the first `idLength` characters of the conversation's id. */
export interface FollowedFile {
  readonly folder: string;
  readonly idLength: number;
}
