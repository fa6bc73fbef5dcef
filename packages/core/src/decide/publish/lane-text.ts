import type { ContractReading, VerificationReport, WorkEvidence } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import type { Task } from "../../domain/task.ts";
import { itemNumberOf } from "../subjects.ts";
import { code, neutralise, quote } from "./inert-text.ts";
import { findingLines, noteLines } from "./looked-at-lines.ts";
import { verifiedLines } from "./publish-text.ts";

/** What a session found that may change no file, and what it changed all the same. */
export interface Found {
  readonly summary: string;
  readonly backend: string;
  readonly evidence: WorkEvidence | null;
}

export function commentOnReport(task: Task, isAlert: boolean, found: Found): string {
  return [
    isAlert ? "# Scheduled check: alert" : "# Scheduled check: all well",
    "",
    madeBy(task, found.backend),
    "",
    "**In the agent's words** (not checked):",
    "",
    quote(neutralise(found.summary, itemNumberOf(task.subject))),
    ...discarded(found.evidence),
  ].join("\n");
}

export function commentOnRepair(
  task: Task,
  work: {
    readonly evidence: WorkEvidence;
    readonly verification: VerificationReport;
    readonly contract: ContractReading;
    readonly backend: string;
    readonly findings?: readonly GuardFinding[];
  },
): string {
  const said = work.contract.kind === "valid" ? (work.contract.body ?? work.contract.detail) : "";
  return [
    task.lane === "pr-merge-repair" ? "# Repair update: base merged" : "# Repair update",
    "",
    madeBy(task, work.backend),
    "",
    ...verifiedLines(work.evidence, work.verification),
    ...findingLines(work.findings ?? []),
    ...(said
      ? ["", "**In the agent's words** (not checked):", "", quote(neutralise(said, itemNumberOf(task.subject)))]
      : []),
    ...noteLines(work.contract),
  ].join("\n");
}

export function commentOnNothingNeeded(task: Task, headSha: string, summary: string): string {
  return [
    "# Repair update: nothing to change",
    "",
    `The agent looked at ${headSha} and changed no file. In its words (not checked):`,
    "",
    quote(neutralise(summary, itemNumberOf(task.subject))),
  ].join("\n");
}

export const madeBy = (task: Task, backend: string): string =>
  `Made by ${code(backend)} under agent-control-plane, attempt ${task.attempts}.`;

export function discarded(evidence: WorkEvidence | null): readonly string[] {
  const count = evidence?.files.length ?? 0;
  if (count === 0) return [];
  return ["", `It changed ${count} file${count === 1 ? "" : "s"}, which its task does not allow: that was discarded.`];
}
