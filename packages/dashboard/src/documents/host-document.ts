import type { Instant, Quota } from "@agent-control-plane/core";

/** What is of no single profile, under the key `host`. */
export interface HostDocument {
  /** The runtime home. */
  readonly home: string;
  readonly version: string;
  /** Newest first; those that are gone, too, until another daemon has cleared up behind them. */
  readonly runtimes: readonly ShownRuntime[];
  /** Whether the daemons work by host.yaml as it stands; null: none runs. */
  readonly hostRules: {
    readonly state: string;
    readonly problems: readonly string[];
    readonly since: Instant | null;
  } | null;
  readonly cooldowns: readonly { readonly scope: string; readonly until: Instant; readonly reason: string }[];
  /** What is left of GitHub's hourly allowance, one of each credential and resource, as last told. */
  readonly allowances: readonly Allowance[];
  /** Flows under way, oldest first. */
  readonly flows: readonly ShownFlow[];
  readonly providers: readonly (Quota & { readonly state: "in-force" | "unproven" })[];
}

export interface ShownRuntime {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly version: string;
  readonly profileIds: readonly string[];
  readonly startedAt: Instant;
  readonly state: string;
  readonly alive: boolean;
  /** Its last sign of life, of one that is gone; null while it lives. */
  readonly lastSeenAt: Instant | null;
}

export interface Allowance {
  /** Whose it is: never a token, nor a part of one. */
  readonly credential: string;
  /** `core`, `graphql`, `search`. */
  readonly resource: string;
  readonly limit: number;
  readonly left: number;
  readonly resetsAt: Instant;
  readonly toldAt: Instant;
}

export interface ShownFlow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly tasks: number;
  /** Tasks that have ended. */
  readonly ended: number;
  readonly running: number;
  /** Questions that wait for a person. */
  readonly asking: number;
}

/** The machine itself, under the key `machine`; looked at every ten seconds at most, and rounded so that it seldom changes. */
export interface MachineDocument {
  readonly cores: number;
  /** Of the last minute, in tenths. */
  readonly load: number;
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  /** Of the file system that holds the runtime home. */
  readonly disk: { readonly totalBytes: number; readonly freeBytes: number };
}
