import type { Clock } from "@agent-control-plane/core";
import type { Output } from "./output.ts";

export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What a command may use of the world. Commands never touch `process`. */
export interface CliContext extends Streams {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The runtime home (`AGENT_RUNTIME_HOME`, else `~/.agent-runtime`). */
  readonly home: string;
  readonly clock: Clock;
  /** Another system than this one, in tests: which services there are depends on it. */
  readonly platform?: NodeJS.Platform;
  /** A person sits at both ends; without one never ask, never animate. */
  readonly interactive: boolean;
  readonly output: Output;
  /** For endings that are no error but not well either (`status --check`: 1). The last call counts; default 0. */
  exitWith(code: number): void;
}
