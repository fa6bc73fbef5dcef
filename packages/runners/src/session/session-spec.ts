import type { Millis, SessionLimits, VerificationPhase } from "@agent-control-plane/core";
import type { Resumed } from "../backends/backend.ts";
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
  /** Name of the backend whose parser reads the output; unused for `verify`. */
  readonly backend: string;
  /** The conversation it goes on with; what its stream counts and how it fails depend on it. */
  readonly resumed?: Resumed | null;
  /** Unused for `verify`. */
  readonly command: BackendCommand;
  /** The program's whole environment; see `sessionEnvironment`. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: SessionLimits;
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  readonly isolation: "auto" | Isolation;
  /** For `verify`: shell commands, one after the other, the first failure stops. */
  readonly verify?: { readonly commands: readonly VerifyCommand[] };
  /** Written (0600) before the start, for example a login that is copied into the session's own state folder. */
  readonly seedFiles?: readonly SeedFile[];
}

export type SeedFile = { readonly to: string } & ({ readonly from: string } | { readonly text: string });

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
}
