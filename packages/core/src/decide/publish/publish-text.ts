import type { ContractReading, VerificationReport, WorkEvidence } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import { issuePayloadOf } from "../../domain/lane-payload.ts";
import type { Task } from "../../domain/task.ts";
import { issueNumberOf, itemNumberOf } from "../subjects.ts";
import { cell, code, halves, neutralise, oneLine, quote } from "./inert-text.ts";
import { findingLines, noteLines } from "./looked-at-lines.ts";

const maxTitle = 200;

/** The agent's title when it gave a usable one, else the issue's. One line, bounded. */
export function pullRequestTitle(task: Task, contract: ContractReading): string {
  const proposed = contract.kind === "valid" ? contract.title : null;
  const number = issueNumberOf(task.subject);
  // A squash merge makes the title a commit's subject, where closing words act.
  const given = neutralise(oneLine(proposed ?? ""), number) || neutralise(oneLine(titleOf(task)), number);
  return bounded(given || `Work on issue #${number}`);
}

const bounded = (title: string): string =>
  title.length <= maxTitle ? title : `${title.slice(0, maxTitle - 1).replace(halves, "")}…`;

/**
 * Of a commit the host makes of an agent's work: the agent's words when it gave some, else the issue's title. The first
 * line is bounded like a title.
 */
export function commitMessage(task: Task, contract: ContractReading): string {
  const number = itemNumberOf(task.subject);
  const proposed = contract.kind === "valid" ? neutralise(contract.commitMessage ?? "", number).trim() : "";
  if (proposed === "" && issueNumberOf(task.subject) === null) return `Repair pull request #${number}`;
  if (proposed === "") return `${pullRequestTitle(task, { kind: "missing" })} (#${number})`;
  const [first = "", ...rest] = proposed.split("\n");
  return [bounded(oneLine(first)), ...rest].join("\n").trimEnd();
}

/** Whether a commit's message, published as it is, does nothing on the forge but be read. Addresses are no mentions. */
export function isInertMessage(task: Task, message: string): boolean {
  const text = message.replace(/(?<=\w)@/g, "").replaceAll("&", "");
  return neutralise(text, itemNumberOf(task.subject)) === text;
}

/** What changed and what was checked, by the host; the agent's own words come after, marked as such. */
export function pullRequestBody(
  task: Task,
  work: {
    readonly evidence: WorkEvidence;
    readonly verification: VerificationReport;
    readonly contract: ContractReading;
    readonly backend: string;
    readonly findings?: readonly GuardFinding[];
  },
): string {
  const { evidence, verification, findings = [] } = work;
  const number = issueNumberOf(task.subject);
  const said = work.contract.kind === "valid" ? (work.contract.body ?? work.contract.detail) : "";
  return [
    // A closing word would have the forge close an issue that is to be worked again and again.
    `${issuePayloadOf(task)?.traits.recurring ? "Related to" : "Closes"} #${number}`,
    "",
    `Made by ${work.backend} under agent-control-plane, attempt ${task.attempts}.`,
    "",
    ...verifiedLines(evidence, verification),
    ...findingLines(findings),
    ...(said ? ["", "**In the agent's words** (not checked):", "", quote(neutralise(said, number))] : []),
    ...noteLines(work.contract),
  ].join("\n");
}

/** What the host checked and what changed, in its own words. */
export function verifiedLines(evidence: WorkEvidence, verification: VerificationReport): readonly string[] {
  const checks = verification.commands.map(
    (check) =>
      `| ${cell(check.name)}${check.phase === undefined || check.phase === "full" ? "" : ` (${check.phase})`} | ${code(check.command)} | ${check.exitCode === 0 ? "passed" : `exit ${check.exitCode}`} | ${(check.durationMs / 1000).toFixed(1)} s |`,
  );
  const { commits } = evidence;
  const files = `${evidence.files.length} file${evidence.files.length === 1 ? "" : "s"}`;
  return [
    `**Verified by the host** on ${evidence.headSha} in a clean checkout:`,
    "",
    "| check | command | result | time |",
    "| --- | --- | --- | --- |",
    ...checks,
    "",
    `**Changed**: ${files}, ${changeCount(evidence)}; ${commits} commit${commits === 1 ? "" : "s"} of the agent's${evidence.hostCommit ? "; the newest commit is the host's" : ""}`,
  ];
}

const changeCount = ({ files }: WorkEvidence): string =>
  `+${files.reduce((sum, file) => sum + file.additions, 0)} −${files.reduce((sum, file) => sum + file.deletions, 0)}`;

function titleOf(task: Task): string {
  const payload = task.payload;
  if (payload && typeof payload === "object" && "title" in payload && typeof payload.title === "string")
    return payload.title;
  return "";
}
