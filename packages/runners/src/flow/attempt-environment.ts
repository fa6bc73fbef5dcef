import { type FlowAttempt, type FlowTaskSpec, isForbiddenVariable } from "@agent-control-plane/core";
import { sessionMarkName } from "../session/process-tree.ts";
import { attemptFiles } from "./attempt-files.ts";

/** What a worker's environment says of its place in the flow. */
export interface PlaceInFlow {
  readonly flowId: string;
  readonly taskId: string;
  readonly sessionId: string;
  /** From 1, over all rounds. */
  readonly attempt: number;
  /** From 0; how often a judge had it done anew. */
  readonly round: number;
  readonly folder: string;
  /** The folder of the attempt that it judges; null: it is no judge. */
  readonly judgedFolder: string | null;
}

/**
 * Pure. The whole environment of a task's command, built from nothing: what every program needs, what the plan passes on
 * and sets, and its place in the flow, which nothing can replace. Names of tokens for a forge never get in.
 */
export function attemptEnvironment(
  place: PlaceInFlow,
  { pass, set }: FlowTaskSpec["env"],
  host: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const user = host.USER ?? host.LOGNAME ?? "agent";
  const wanted: Record<string, string | undefined> = {
    PATH: host.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    LANG: host.LANG ?? "C.UTF-8",
    LC_ALL: host.LC_ALL,
    TZ: host.TZ,
    TERM: "dumb",
    USER: user,
    LOGNAME: user,
    HOME: attemptFiles.home(place.folder),
    TMPDIR: attemptFiles.tmp(place.folder),
    GIT_TERMINAL_PROMPT: "0",
    ...Object.fromEntries(pass.map((name) => [name, host[name]])),
    ...set,
    [sessionMarkName]: place.sessionId,
    ...variablesOf(place),
    ACP_RESULT_FILE: attemptFiles.result(place.folder),
  };
  const built: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined || value.includes("\0") || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    if (!isForbiddenVariable(name)) built[name] = value;
  }
  return built;
}

/** Pure. What any worker's environment says of its place in the flow. */
export const variablesOf = (place: PlaceInFlow): Record<string, string | undefined> => ({
  ACP_FLOW_ID: place.flowId,
  ACP_TASK_ID: place.taskId,
  ACP_ATTEMPT: String(place.attempt),
  ACP_ROUND: String(place.round),
  ACP_ATTEMPT_DIR: place.folder,
  ACP_CONTEXT_DIR: attemptFiles.context(place.folder),
  ACP_INPUTS_FILE: attemptFiles.inputs(place.folder),
  ACP_JUDGED_DIR: place.judgedFolder ?? undefined,
});

/** Pure. Where an attempt stands. */
export const placeOf = ({ flow, task, session, judgedFolder }: FlowAttempt): PlaceInFlow => ({
  ...{ flowId: flow.id, taskId: task.id, sessionId: session.id, attempt: session.attempt, round: task.round },
  ...{ folder: session.runDir, judgedFolder },
});

/** Pure. The whole environment of an attempt's command, and of its checks. */
export const commandEnvironment = (
  attempt: FlowAttempt,
  host: Readonly<Record<string, string | undefined>>,
): Record<string, string> => attemptEnvironment(placeOf(attempt), attempt.task.spec.env, host);
