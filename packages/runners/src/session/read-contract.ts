import {
  alertAction,
  type ContractReading,
  isLane,
  issueNumberOf,
  type Lane,
  parseResultEnv,
  parseResultJson,
  pullRequestNumberOf,
  type ResultContract,
  type Session,
} from "@agent-control-plane/core";
import { readRunFile } from "./read-run-file.ts";
import { sessionFiles } from "./session-files.ts";

/** The agent's result file as the wrapper took it over; both shapes are known, the JSON one wins. */
export function readContract({ runDir, lane, subject }: Session): ContractReading {
  const json = readRunFile(sessionFiles.resultJson(runDir));
  const env = json === null ? readRunFile(sessionFiles.resultEnv(runDir)) : null;
  const refused = readRunFile(sessionFiles.resultRefused(runDir));
  if (refused !== null) return { kind: "invalid", problems: [refused.trim()] };
  const notes = readNotes(runDir);
  if (json === null && env === null) return { kind: "missing", notes };
  const parsed = json !== null ? parseResultJson(json, laneOf(lane)) : parseResultEnv(env ?? "", laneOf(lane));
  if (!parsed.ok) return { kind: "invalid", problems: parsed.problems };
  const other = itemOfOther(parsed.contract, subject);
  if (other !== null) return { kind: "invalid", problems: [other], reason: "contract-of-another-item" };
  const { outcome, action, summary, detail, pr_title, pr_body, commit_message, failure_reason, findings, resolved } =
    parsed.contract;
  const { follow_ups, superseded } = parsed.contract;
  return {
    kind: "valid",
    outcome,
    isAlert: action === alertAction,
    detail: detail ?? summary ?? "",
    title: pr_title ?? null,
    body: pr_body ?? summary ?? null,
    commitMessage: commit_message ?? null,
    failureReason: failure_reason ?? null,
    ...(follow_ups?.length ? { followUps: follow_ups, isSuperseded: superseded === true } : {}),
    ...(findings ? { findings } : {}),
    ...(resolved ? { resolved } : {}),
    notes,
  };
}

/** A result that speaks of other work than the session was given: somebody else's, or one of before. */
function itemOfOther({ issue, pr }: ResultContract, subject: string): string | null {
  const issueNumber = issueNumberOf(subject);
  const pullNumber = pullRequestNumberOf(subject);
  if (issueNumber !== null && issue !== undefined && issue !== issueNumber) {
    return `issue: the result is about #${issue}, and the session was given #${issueNumber}`;
  }
  if (pullNumber !== null && pr !== undefined && pr !== pullNumber) {
    return `pr: the result is about #${pr}, and the session was given #${pullNumber}`;
  }
  return null;
}

const maxNotes = 20;
const maxNote = 200;

/** One line for each JSON object the agent left; what is none is left out. */
function readNotes(runDir: string): readonly string[] {
  const lines = (readRunFile(sessionFiles.notes(runDir)) ?? "").split("\n").filter((line) => line.trim() !== "");
  const notes = lines.slice(0, 200).flatMap((line) => noteIn(line) ?? []);
  const left = notes.length - maxNotes;
  return left > 0 ? [...notes.slice(0, maxNotes), `and ${left} more`] : notes;
}

function noteIn(line: string): string | null {
  try {
    const said: unknown = JSON.parse(line);
    if (said === null || typeof said !== "object" || Array.isArray(said)) return null;
    const words = Object.entries(said).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `${name}: ${value}` : [],
    );
    return words.length === 0 ? null : words.join(", ").slice(0, maxNote);
  } catch {
    return null;
  }
}

const laneOf = (name: string): Lane => (isLane(name) ? name : "issue-implementation");
