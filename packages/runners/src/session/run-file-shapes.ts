import {
  type Ending,
  type ExitReason,
  exitReasons,
  isFailureReason,
  limitWindows,
  type ProcessMark,
  type VerificationPhase,
  verificationPhases,
} from "@agent-control-plane/core";

export interface ProcessRecord {
  readonly sessionId: string;
  readonly isolation: string;
  readonly marks: readonly ProcessMark[];
}

export interface Verification {
  readonly commands: readonly VerifiedCommand[];
  readonly passed: boolean;
}

export interface VerifiedCommand {
  readonly name: string;
  readonly command: string;
  /** Null when it was ended by a signal or by us. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationMs: number;
  /** Name of the file in the run folder with its output. */
  readonly logFile: string;
  readonly phase?: VerificationPhase;
}

/**
 * Pure. What a JSON file of the run folder says, or null when it has not the shape that the host writes: the session's
 * program can write there, too, and a half-understood file would make each later look fail. Written by hand, because
 * the wrapper stays free of the schema library.
 */
export function asEnding(value: unknown): Ending | null {
  if (!isObject(value) || !isExitReason(value.exitReason)) return null;
  const { processes, usage } = value;
  const whole =
    (value.failureReason === null || isReason(value.failureReason)) &&
    [value.signal, value.nativeSessionId].every(isTextOrNull) &&
    [value.exitCode, value.retryAt].every((each) => each === null || isWhole(each)) &&
    [value.startedAt, value.endedAt].every(isWhole) &&
    [undefined, "structured", "text"].some((each) => each === value.retrySource) &&
    (value.limit === undefined || isNamedLimit(value.limit)) &&
    typeof value.summary === "string" &&
    isObject(usage) &&
    Object.values(usage).every((each) => typeof each === "number") &&
    isObject(processes) &&
    [processes.killed, processes.survivors].every(isWhole);
  return whole ? (value as unknown as Ending) : null;
}

const isNamedLimit = (value: unknown): boolean =>
  isObject(value) && limitWindows.some((each) => each === value.window) && typeof value.isOfModel === "boolean";

export function asProcessMark(value: unknown): ProcessMark | null {
  if (!isObject(value) || !isWhole(value.pid) || value.pid <= 0 || typeof value.startedMark !== "string") return null;
  return { pid: value.pid, startedMark: value.startedMark };
}

/** Marks that are none are left out: the others still lead to processes. */
export function asProcessRecord(value: unknown): ProcessRecord | null {
  if (!isObject(value) || !Array.isArray(value.marks)) return null;
  const marks = value.marks.map(asProcessMark).filter((mark) => mark !== null);
  return { sessionId: String(value.sessionId), isolation: String(value.isolation), marks };
}

export function asVerification(value: unknown): Verification | null {
  if (!isObject(value) || typeof value.passed !== "boolean" || !Array.isArray(value.commands)) return null;
  return value.commands.every(isVerifiedCommand) ? { commands: value.commands, passed: value.passed } : null;
}

function isVerifiedCommand(value: unknown): value is VerifiedCommand {
  return (
    isObject(value) &&
    [value.name, value.command].every((each) => typeof each === "string") &&
    // It is read as a file of the run folder.
    typeof value.logFile === "string" &&
    !value.logFile.includes("/") &&
    (value.exitCode === null || isWhole(value.exitCode)) &&
    isTextOrNull(value.signal) &&
    isWhole(value.durationMs) &&
    (value.phase === undefined || verificationPhases.some((phase) => phase === value.phase))
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === "string";
const isReason = (value: unknown): boolean => typeof value === "string" && isFailureReason(value);
const isExitReason = (value: unknown): value is ExitReason => exitReasons.some((reason) => reason === value);
