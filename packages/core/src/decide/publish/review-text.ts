import { pullRequestPayloadOf } from "../../domain/lane-payload.ts";
import type { ReviewFinding } from "../../domain/review.ts";
import type { Task } from "../../domain/task.ts";
import { itemNumberOf } from "../subjects.ts";
import { code, neutralise, oneLine, quote } from "./inert-text.ts";
import { discarded, type Found, madeBy } from "./lane-text.ts";

/** What became of one review, as its text tells it. */
export interface ReviewTold {
  readonly isApproved: boolean;
  readonly headSha: string;
  /** What stands after it, with the words of whichever round said them last. */
  readonly open?: readonly ReviewFinding[];
  readonly resolved?: readonly string[];
  /** The reviewer approved, and these keep that from counting. */
  readonly blocking?: readonly string[];
  /** The head that the same reviewer looked at before. */
  readonly since?: string | null;
  /** Of a second review. */
  readonly independence?: string;
  /** It came to no end: a person has to settle it. */
  readonly isStuck?: boolean;
}

/** A review's verdict, its findings with their ids, and what became of those of earlier rounds. */
export function reviewText(task: Task, told: ReviewTold, found: Found): string {
  const number = itemNumberOf(task.subject);
  const round = pullRequestPayloadOf(task)?.round ?? 1;
  const said = found.summary.trim();
  return [
    told.isApproved ? "# Agent review: passed" : "# Agent review: changes requested",
    "",
    `- Head: ${told.headSha}`,
    `- Review: ${round === 1 ? "first" : `second${told.independence ? `, independent: ${told.independence}` : ""}`}`,
    ...(told.since
      ? [`- Reviewed before: ${told.since}; this round is about what was open then, and what came since`]
      : []),
    ...idLine("Resolved", told.resolved),
    "",
    madeBy(task, found.backend),
    ...overruled(told),
    ...findingLines(told.open ?? [], number),
    ...(said ? ["", "**In the reviewer's words** (not checked):", "", quote(neutralise(said, number))] : []),
    ...discarded(found.evidence),
    "",
    closing(told),
  ].join("\n");
}

function overruled({ blocking = [] }: ReviewTold): readonly string[] {
  if (blocking.length === 0) return [];
  const ids = blocking.map(code).join(", ");
  return ["", `The reviewer says that it passes. It counts as changes requested, because these are open: ${ids}.`];
}

/** Findings by weight; each as the agent wrote it, and unable to do anything on the forge. */
export function findingLines(open: readonly ReviewFinding[], own: number | null): readonly string[] {
  if (open.length === 0) return [];
  const weight = { blocking: 0, minor: 1, nit: 2 } as const;
  const sorted = open.toSorted((a, b) => weight[a.severity] - weight[b.severity]);
  return [
    "",
    "**Findings** (the reviewer's words, not checked):",
    "",
    ...sorted.flatMap((each) => lines(each, own, detailsRoom / open.length)),
  ];
}

/** Characters for all details together: every finding is named, however much was found. */
const detailsRoom = 24_000;

function lines(
  { id, severity, path, line, title, detail }: ReviewFinding,
  own: number | null,
  room: number,
): readonly string[] {
  const where = path === null ? "" : `, ${code(`${path}${line === null ? "" : `:${line}`}`)}`;
  const first = `- ${code(id)} ${severity}${where}: ${oneLine(neutralise(title, own))}`;
  if (detail.trim() === "") return [first];
  const quoted = quote(neutralise(detail, own)).replace(/^/gm, "  ");
  const cut = quoted.length <= room ? quoted : `${quoted.slice(0, quoted.lastIndexOf("\n", room))}\n  > (cut)`;
  return [first, "", cut, ""];
}

const idLine = (word: string, ids: readonly string[] = []): readonly string[] =>
  ids.length === 0 ? [] : [`- ${word}: ${ids.map(code).join(", ")}`];

function closing({ isApproved, isStuck }: ReviewTold): string {
  if (isApproved) return "It holds for this head only.";
  if (isStuck) return "Reviews and repairs go round without coming to an end: a person has to settle this.";
  return "It holds for this head only; a push has it reviewed anew.";
}
