import { writeFileSync } from "node:fs";
import {
  type AttemptOutcome,
  type Clock,
  type Ending,
  type FlowAttempt,
  type Json,
  limitOf,
  proveOver,
  recordLimit,
} from "@agent-control-plane/core";
import { sessionFiles } from "../session/index.ts";
import { readRunFile } from "../session/read-run-file.ts";
import { assessWork, failed, type ReadResult, readResult } from "./assess-attempt.ts";
import { attemptFiles } from "./attempt-files.ts";
import { readFinalMessage } from "./final-message.ts";
import { lastJsonObject } from "./last-json-object.ts";

type Calendar = Parameters<typeof proveOver>[0] & { readonly clock: Clock };

/** What came of it when nothing could be begun: looked at again then. */
const againMs = 30_000;

/** What an agent's attempt came to: how its session ended, and then the same as of every worker. */
export async function assessAgent(
  attempt: FlowAttempt,
  ending: Ending,
  of: { readonly env: Readonly<Record<string, string>>; readonly calendar: Calendar },
): Promise<AttemptOutcome> {
  const { session, task } = attempt;
  const now = of.calendar.clock.now();
  const limit = limitOf(ending, now);
  if (limit) {
    await recordLimit(of.calendar, session, limit);
    const said = ending.summary === "" ? limit.reason : `${limit.reason}: ${ending.summary}`;
    return { kind: "interrupted", reason: limit.reason, summary: said };
  }
  await proveOver(of.calendar, [{ ...session, startedAt: ending.startedAt, ending }]);
  const words = ending.summary === "" ? (ending.failureReason ?? ending.exitReason) : ending.summary;
  switch (ending.exitReason) {
    case "finished":
      return assessWork(attempt, resultOf(attempt), of.env);
    case "timed-out":
      return failed("timed-out", `It took longer than ${task.spec.timeoutMs / 1000} s.`);
    case "stopped":
      return { kind: "interrupted", summary: words };
    case "lost":
      return { kind: "lost", summary: words };
    case "stalled":
      return failed("stalled", words);
    case "killed":
      return failed("killed", `${words} (signal ${ending.signal})`);
    case "failed":
      return ofFailure(ending, words, now);
    default:
      throw new Error(`Unknown exit reason: ${JSON.stringify(ending.exitReason satisfies never)}`);
  }
}

function ofFailure({ failureReason }: Ending, words: string, now: number): AttemptOutcome {
  switch (failureReason) {
    case "budget-exhausted":
      return failed(failureReason, words, true);
    // A person mends these; nothing was tried.
    case "agent-not-found":
    case "launch-failed":
      return { kind: "interrupted", reason: failureReason, summary: words, notBefore: now + againMs };
    default:
      return failed(failureReason ?? "worker-exit-failed", words);
  }
}

/**
 * Its result file, else the JSON object that its last message ends with, else that message as the summary. The message
 * is also what it printed, for people, checks and judges.
 */
function resultOf({ task, session }: FlowAttempt): ReadResult {
  const said = readFinalMessage(session.runDir);
  writeFileSync(attemptFiles.stdout(session.runDir), said === "" ? "" : `${said}\n`, { mode: 0o600 });
  const refused = readRunFile(sessionFiles.resultRefused(session.runDir));
  if (refused !== null) return { problem: refused.trim() };
  const read = readResult(session.runDir);
  if ("problem" in read || read.result !== null) return read;
  const object = lastJsonObject(said);
  if (object !== null) return { result: object };
  const isSilent = said === "" || task.spec.judges !== null;
  return { result: isSilent ? null : ({ summary: said.slice(0, mostSummary) } satisfies Json) };
}

const mostSummary = 4_000;
