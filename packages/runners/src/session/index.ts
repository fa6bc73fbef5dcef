export { type SessionEnvironmentRequest, sessionEnvironment } from "./environment.ts";
export { availableIsolation, chooseIsolation, type Isolation } from "./isolation.ts";
export { launchSession, stopSession } from "./launch-session.ts";
export { environmentsWith } from "./process-list.ts";
export { isAlive, processMark } from "./process-mark.ts";
export { findMarked, sessionMarkName, type TreeEnd } from "./process-tree.ts";
export { type Activity, activityStamp, readActivity } from "./read-activity.ts";
export { readContract } from "./read-contract.ts";
export { type LogSlice, mostSliceBytes, readLogSlice, type SessionLog, sessionLogs } from "./read-log-slice.ts";
export { readNativeSessionId, readProgressAt } from "./read-progress.ts";
export { readReport } from "./read-report.ts";
export { type Reaped, reapSession } from "./reap-session.ts";
export type { Verification, VerifiedCommand } from "./run-file-shapes.ts";
export {
  readEnding,
  readVerification,
  readWrapperMark,
  sessionFiles,
} from "./session-files.ts";
export type { BackendCommand, SessionSpec, VerifyCommand } from "./session-spec.ts";
export { runSessionWrapper, type WrapperStore } from "./wrapper.ts";
export { writeAtomically } from "./write-atomically.ts";
