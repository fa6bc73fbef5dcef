import type { ExitReason, FailureReason, Millis } from "@agent-control-plane/core";
import type { Scenario } from "@agent-control-plane/scripted-model";
import type { Backend } from "../../../src/backends/index.ts";
import type { CliName } from "../clis.ts";

/** A backend's row of the table: how it is pointed at the scripted model, and what each scenario comes to. */
export interface BackendRow {
  readonly backend: Backend;
  /** The program it needs; null: none but ours. */
  readonly cli: CliName | null;
  readonly model: string | null;
  /** Its section of the profile; `url` is the scenario's, `file` the installed program. */
  settings(at: { readonly url: string; readonly file: string; readonly scenario: Scenario }): object;
  /** Its key and what else the session is passed; fake ones. */
  env(at: { readonly url: string; readonly scenario: Scenario }): Readonly<Record<string, string>>;
  /** Longest that it takes to be up on a busy machine; limits are counted from there. 5 s when left out. */
  readonly startsWithinMs?: Millis;
  /** Where it differs from `usualExpectations`. */
  readonly expected?: Partial<Readonly<Record<Scenario, Partial<Expected>>>>;
  /** Scenarios that cannot be played with it, and why. */
  readonly cannotPlay?: Partial<Readonly<Record<Scenario, string>>>;
}

export interface Expected {
  readonly exitReason: ExitReason;
  /** One of these; empty: none. */
  readonly failureReasons: readonly FailureReason[];
  readonly usage: "reported" | "not reported" | "either";
  /** Files in the worktree afterwards. */
  readonly files: readonly string[];
  /** `named`: the time that the model's server named, to the minute. */
  readonly retryAt: "named" | "none" | "either";
}

const good: Expected = {
  exitReason: "finished",
  failureReasons: [],
  usage: "reported",
  files: ["hello.txt"],
  retryAt: "none",
};

const failed = (...failureReasons: FailureReason[]): Expected => ({
  exitReason: "failed",
  failureReasons,
  usage: "either",
  files: [],
  retryAt: "none",
});

/** What a well-made backend comes to. */
export const usualExpectations: Readonly<Record<Scenario, Expected>> = {
  success: good,
  "two-tools": { ...good, files: ["hello.txt", "second.txt"] },
  refusal: { ...good, files: [] },
  "401": failed("auth-401"),
  "429": failed("provider-quota-limit"),
  "429-reset": { ...failed("provider-quota-limit", "usage-limit"), retryAt: "named" },
  "529": failed("provider-error"),
  reset: failed("network-connection"),
  silence: { ...failed("no-agent-progress-before-stall-threshold"), exitReason: "stalled" },
  chatter: { ...failed("timeout"), exitReason: "timed-out" },
  malformed: failed("provider-error", "network-connection"),
  overflow: failed("context-length-exceeded"),
  "wrong-model": failed("model-unavailable"),
  "long-tool": { ...failed(), exitReason: "stopped", files: ["long-tool.txt"] },
  "endless-work": { ...failed("timeout"), exitReason: "timed-out" },
};
