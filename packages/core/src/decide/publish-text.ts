import type { ContractReading, VerificationReport, WorkEvidence } from "../domain/evidence.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { Task } from "../domain/task.ts";
import { issueNumberOf } from "./issue-text.ts";

const maxTitle = 200;
const maxAgentText = 8_000;

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
  const number = issueNumberOf(task.subject);
  const proposed = contract.kind === "valid" ? neutralise(contract.commitMessage ?? "", number).trim() : "";
  if (proposed === "") return `${pullRequestTitle(task, { kind: "missing" })} (#${number})`;
  const [first = "", ...rest] = proposed.split("\n");
  return [bounded(oneLine(first)), ...rest].join("\n").trimEnd();
}

/** Whether a commit's message, published as it is, does nothing on the forge but be read. Addresses are no mentions. */
export function isInertMessage(task: Task, message: string): boolean {
  const text = message.replace(/(?<=\w)@/g, "").replaceAll("&", "");
  return neutralise(text, issueNumberOf(task.subject)) === text;
}

/** What changed and what was checked, by the host; the agent's own words come after, marked as such. */
export function pullRequestBody(
  task: Task,
  work: {
    readonly evidence: WorkEvidence;
    readonly verification: VerificationReport;
    readonly contract: ContractReading;
    readonly backend: string;
  },
): string {
  const { evidence, verification } = work;
  const number = issueNumberOf(task.subject);
  const checks = verification.commands.map(
    (check) =>
      `| ${cell(check.name)} | ${code(check.command)} | ${check.exitCode === 0 ? "passed" : `exit ${check.exitCode}`} | ${(check.durationMs / 1000).toFixed(1)} s |`,
  );
  const said = work.contract.kind === "valid" ? (work.contract.body ?? work.contract.detail) : "";
  return [
    `Closes #${number}`,
    "",
    `Made by ${work.backend} under agent-control-plane, attempt ${task.attempts}.`,
    "",
    `**Verified by the host** on ${evidence.headSha} in a clean checkout:`,
    "",
    "| check | command | result | time |",
    "| --- | --- | --- | --- |",
    ...checks,
    "",
    `**Changed**: ${evidence.files.length} file${evidence.files.length === 1 ? "" : "s"}, ${changeCount(evidence)}${evidence.hostCommit ? "; the newest commit is the host's" : ""}`,
    ...(said ? ["", "**In the agent's words** (not checked):", "", quote(neutralise(said, number))] : []),
  ].join("\n");
}

export function commentOnNeedsHuman(
  task: Task,
  why: { readonly reason: FailureReason; readonly summary: string },
  blockedLabel: string,
): string {
  const nothingToDo = why.reason === "no-change-needed";
  return [
    nothingToDo ? "# Nothing to change" : `# Blocker: ${why.reason}`,
    "",
    nothingToDo
      ? "The agent says that the repository already does what the issue asks, and changed no file:"
      : `- Failure reason: ${code(why.reason)}`,
    ...(nothingToDo ? [] : [`- Attempts: ${task.attempts} of ${task.maxAttempts}`]),
    "",
    quote(neutralise(why.summary, null)),
    "",
    `${nothingToDo ? "Close the issue if that is so." : "The agents stop here."} To have it tried again, take the label ${code(blockedLabel)} off, or edit the issue.`,
  ].join("\n");
}

const changeCount = ({ files }: WorkEvidence): string =>
  `+${files.reduce((sum, file) => sum + file.additions, 0)} −${files.reduce((sum, file) => sum + file.deletions, 0)}`;

/**
 * Text that came from an agent may name other issues with closing words, mention people, ask for checks to be skipped or
 * hold our own markers; none of that may act on the forge, neither as it stands nor spelled with entities. A word joiner breaks the link and shows
 * nothing. Control characters and what turns the direction of text go.
 */
function neutralise(text: string, own: number | null): string {
  return readable(text)
    .slice(0, maxAgentText)
    .replace(halves, "\uFFFD")
    .replaceAll("<!--", "<\u2060!--")
    .replace(/&(?=[#A-Za-z])/g, "&\u2060")
    .replace(/@(?=[A-Za-z0-9])/g, "@\u2060")
    .replace(/#(\d+)/g, (whole, digits: string) => (Number(digits) === own ? whole : `#\u2060${digits}`))
    .replace(/\[(?=(?:skip|ci|no|actions)[ -](?:ci|skip|actions)\])/gi, "[\u2060")
    .replace(/\bskip-checks(?=:)/gi, "skip-checks\u2060")
    .replace(/\bGH-(?=\d)/gi, (found) => `${found}\u2060`)
    .replace(/\/(issues|pull|discussions)\/(?=\d)/gi, (found) => `${found}\u2060`);
}

/** Half of a character, as an agent writes it or a cut leaves it; no forge takes it. */
const halves = /\p{Surrogate}/gu;

/** Each line end is one that starts a quoted line anew: Markdown takes a lone carriage return for one, too. */
const quote = (text: string): string =>
  text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

const readable = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");

const oneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ").trim();

const code = (text: string): string => `\`${oneLine(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
const cell = (text: string): string => oneLine(text).replaceAll("|", "\\|");

function titleOf(task: Task): string {
  const payload = task.payload;
  if (payload && typeof payload === "object" && "title" in payload && typeof payload.title === "string")
    return payload.title;
  return "";
}
