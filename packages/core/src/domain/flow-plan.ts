import type { Json } from "./json.ts";
import type { Millis } from "./time.ts";

/**
 * What the failure of a task does, after its retries.
 * `skip_dependents` (the default): what needs it, directly or not, is skipped; the rest of the flow goes on.
 * `continue`: what needs it begins all the same and is told; the failure does not count against the flow.
 * `fail`: nothing else of the flow begins; what runs may end, what waits is cancelled.
 * `ask`: a decision is opened (`retry`, `continue`, `skip`, `fail`), and only that task waits for it.
 */
export const failurePolicies = ["skip_dependents", "continue", "fail", "ask"] as const;
export type FailurePolicy = (typeof failurePolicies)[number];

/** A plan as it was understood: every default filled in, every duration in milliseconds. Shown by `flow status --json`. */
export interface FlowPlan {
  readonly name: string;
  /** What it is all for; told to every worker (context layer L0). */
  readonly goal: string;
  /** How many tasks of it may run at once, over all runtimes. */
  readonly parallelism: number;
  /** From the submission; null: none. */
  readonly deadlineMs: Millis | null;
  readonly budget: FlowBudget;
  /** The profile whose backends, accounts and limits the agents of this flow use; null: each backend's defaults. */
  readonly profile: string | null;
  /** Folder that relative working directories are under; absolute. */
  readonly cwd: string;
  /** Places in a concurrency group (`group` of a task); a group that is not named here has one. Shared by all flows. */
  readonly concurrency: Readonly<Record<string, number>>;
  /** Told once, when the flow has ended. */
  readonly onDone: FlowCallback | null;
  /** What a task that is added later has when it says nothing else; absent: `builtInDefaults`. */
  readonly defaults?: FlowTaskDefaults;
  readonly tasks: readonly FlowTaskSpec[];
}

export interface FlowTaskDefaults {
  readonly worker: string | null;
  readonly model: string | null;
  readonly timeoutMs: Millis;
  readonly retry: FlowRetry;
  readonly onFail: FailurePolicy;
  readonly env: FlowTaskSpec["env"];
  /** Absolute. Null: the attempt's own empty folder. */
  readonly cwd: string | null;
  readonly group: string | null;
  readonly priority: number;
  /** Each task that has no judge of its own, and does not refuse one, is given this one. */
  readonly judge: FlowAutoJudge | null;
}

/** Becomes a task `<id of the judged>.judge`. */
export interface FlowAutoJudge {
  /** Null: the default worker. */
  readonly worker: string | null;
  readonly model: string | null;
  readonly command: string | readonly string[] | null;
  readonly prompt: string | null;
  readonly rounds: number;
}

/** Null: no limit. When one is used up no task begins any more. */
export interface FlowBudget {
  readonly usd: number | null;
  readonly tokens: number | null;
  /** Attempts of all tasks together. */
  readonly attempts: number | null;
}

export type FlowCallback =
  | { readonly kind: "command"; readonly command: readonly string[] }
  | { readonly kind: "webhook"; readonly url: string };

/** `shell` and `python` run a command; every other worker is the name of a backend and is given a prompt. */
export interface FlowTaskSpec {
  /** `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, one of a kind in its flow, letter case aside: it names a folder. */
  readonly id: string;
  readonly name: string;
  readonly worker: string;
  /** Model for agents; null: the backend's or profile's own. */
  readonly model: string | null;
  /** One string is run by `sh -c` (or is Python's program text); a list is run as it is. Null for agents. */
  readonly command: string | readonly string[] | null;
  /** Of agents; null for commands. */
  readonly prompt: string | null;
  readonly dependsOn: readonly string[];
  /** This task judges the work of that one, on which it depends; null: it is no judge. */
  readonly judges: string | null;
  /** How often the work that a judge looks at may be done anew; only of a judge. */
  readonly rounds: number;
  readonly timeoutMs: Millis;
  readonly retry: FlowRetry;
  readonly validate: readonly FlowCheck[];
  readonly onFail: FailurePolicy;
  readonly env: { readonly pass: readonly string[]; readonly set: Readonly<Record<string, string>> };
  /** Absolute. Null: the attempt's own empty folder. */
  readonly cwd: string | null;
  /** A private worktree of this repository at `base` instead of `cwd`; null: none. */
  readonly worktree: { readonly repository: string; readonly base: string | null } | null;
  /** Told to the worker as they are. Tasks that it needs are inputs without being named. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** Files the task is to leave, by name: relative to where it runs. Kept with the attempt; missing ones fail it. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly group: string | null;
  /** Higher begins first among what may begin. */
  readonly priority: number;
  /** Of `on_fail: ask`: answered by itself after a while; null: it waits for ever. */
  readonly ask: { readonly expiresMs: Millis; readonly answer: FailureAnswer } | null;
}

export interface FlowRetry {
  /** Tries after the first. */
  readonly count: number;
  /** Before the first retry; each later one waits `factor` times as long, at most `maxMs`. */
  readonly backoffMs: Millis;
  readonly factor: number;
  readonly maxMs: Millis;
}

/** What must hold after the work for it to count as done; in order, the first that does not hold fails the attempt. */
export type FlowCheck =
  | { readonly kind: "command"; readonly command: string | readonly string[]; readonly timeoutMs: Millis }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "json_schema"; readonly path: string; readonly schema: Json }
  | { readonly kind: "regex"; readonly pattern: string; readonly flags: string; readonly in: string };

export const failureAnswers = ["retry", "continue", "skip", "fail"] as const;
export type FailureAnswer = (typeof failureAnswers)[number];
